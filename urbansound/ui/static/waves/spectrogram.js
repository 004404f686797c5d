// Every 16th of magma's 256 colours; between them they are mixed.
const MAGMA = (
  "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 d0416f e75263 f56b5c fc8961 fea772 " +
  "fec488 fde2a3 fcfdbf"
)
  .split(" ")
  .map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)))

function magma(level) {
  const at = Math.min(Math.floor(level / 16), MAGMA.length - 2)
  const share = level / 16 - at
  return MAGMA[at].map((low, channel) => low + (MAGMA[at + 1][channel] - low) * share)
}

const COLORS = Array.from({ length: 256 }, (_, level) => magma(level))

const WHAT = "Spectrogram: when each pitch is loud, from -80 dB in black to 0 dB, the loudest, in yellow"

// Levels 0 to 255, frame by frame from low to high, as a picture of which a part is shown.
class Spectrogram {
  constructor() {
    this.canvas = make("canvas")
    this.canvas.setAttribute("part", "spectrogram")
    this.canvas.setAttribute("role", "img")
    this.canvas.setAttribute("aria-label", WHAT)
    this.canvas.title = WHAT
    Object.assign(this.canvas.style, { position: "sticky", left: 0, imageRendering: "auto" })
    this.picture = make("canvas")
    this.source = null
  }

  take(source) {
    if (this.source === source?.levels) return
    this.source = source?.levels ?? null
    this.canvas.style.display = source ? "block" : "none"
    if (source) this.paint(source, atob(source.levels))
  }

  paint({ frames, bands }, levels) {
    Object.assign(this.picture, { width: frames, height: bands })
    const context = this.picture.getContext("2d")
    const image = context.createImageData(frames, bands)
    for (let frame = 0; frame < frames; frame++) {
      for (let band = 0; band < bands; band++) {
        const color = COLORS[levels.charCodeAt(frame * bands + band)]
        image.data.set([...color, 255], 4 * ((bands - 1 - band) * frames + frame))
      }
    }
    context.putImageData(image, 0, 0)
  }

  // The part from one share of the sound to another, on a canvas `width` CSS pixels wide.
  show(from, to, width) {
    if (!this.source || !width) return
    const { canvas, picture } = this
    const scale = window.devicePixelRatio || 1
    canvas.style.width = `${width}px`
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(canvas.clientHeight * scale)
    const context = canvas.getContext("2d")
    const start = from * picture.width
    context.drawImage(
      picture, start, 0, Math.max(to * picture.width - start, 0.01), picture.height,
      0, 0, canvas.width, canvas.height,
    )
  }
}
