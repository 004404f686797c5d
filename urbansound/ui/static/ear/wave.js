const COLUMNS = 400
const MISSING = "rgba(116, 128, 141, 0.14)"

// Lowest and highest sample of each of 400 stretches, 1 being the sound's own peak.
function peaksOf(buffer) {
  const samples = buffer.getChannelData(0)
  const peaks = []
  let top = 1e-9
  for (let column = 0; column < COLUMNS; column++) {
    const end = Math.max(Math.floor(((column + 1) * samples.length) / COLUMNS), 1)
    let low = 0
    let high = 0
    for (let at = Math.floor((column * samples.length) / COLUMNS); at < end; at++) {
      low = Math.min(low, samples[at])
      high = Math.max(high, samples[at])
    }
    top = Math.max(top, -low, high)
    peaks.push([low, high])
  }
  return peaks.map((pair) => pair.map((value) => value / top))
}

// The peaks over the first `share` of the canvas, the rest in grey; without peaks a line.
function drawWave(canvas, peaks, color, share = 1) {
  const { clientWidth: width, clientHeight: height } = canvas
  const dense = window.devicePixelRatio || 1
  canvas.width = Math.max(1, Math.round(width * dense))
  canvas.height = Math.max(1, Math.round(height * dense))
  const pen = canvas.getContext("2d")
  pen.scale(dense, dense)
  const middle = height / 2
  const end = width * share
  pen.fillStyle = MISSING
  if (share < 0.995) pen.fillRect(end, 0, width - end, height)
  pen.fillStyle = color
  const shown = peaks ?? [[0, 0]]
  const step = end / shown.length
  shown.forEach(([low, high], column) => {
    const top = middle - Math.min(1, high) * middle
    pen.fillRect(column * step, top, Math.max(step * 0.9, 0.6), Math.max(1, middle - Math.max(-1, low) * middle - top))
  })
}
