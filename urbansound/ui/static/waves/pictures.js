// Every 16th of magma's 256 colours; between them they are mixed.
const MAGMA =
  "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 d0416f e75263 f56b5c fc8961 fea772 " +
  "fec488 fde2a3 fcfdbf"
// From low in blue over the average, nearly black, to high in orange: it reads on either theme.
const LOW_TO_HIGH = "bfe3ff 8cc4ff 559ce6 3573b3 254d77 182c42 11161c 38201b 673420 9c4d26 d06f35 f59d5c ffd2a6"

function palette(text) {
  const stops = text.split(" ").map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)))
  return Array.from({ length: 256 }, (_, level) => {
    const place = (level / 255) * (stops.length - 1)
    const at = Math.min(Math.floor(place), stops.length - 2)
    return stops[at].map((low, channel) => low + (stops[at + 1][channel] - low) * (place - at))
  })
}

// Levels 0 to 255, frame by frame from low to high, as a picture of which a part is shown.
class Picture {
  constructor(part, colors, words) {
    this.colors = palette(colors)
    this.canvas = make("canvas", part)
    this.canvas.setAttribute("role", "img")
    this.canvas.setAttribute("aria-label", words)
    Object.assign(this.canvas.style, { position: "sticky", left: 0, imageRendering: "auto" })
    this.picture = make("canvas")
    this.source = null
  }

  take(source) {
    if (this.source && this.source.levels === source?.levels) return
    this.source = source
    this.canvas.style.display = source ? "block" : "none"
    if (source) this.paint(source, (this.levels = atob(source.levels)))
  }

  paint({ frames, bands }, levels) {
    Object.assign(this.picture, { width: frames, height: bands })
    const context = this.picture.getContext("2d")
    const image = context.createImageData(frames, bands)
    for (let frame = 0; frame < frames; frame++) {
      for (let band = 0; band < bands; band++) {
        const color = this.colors[levels.charCodeAt(frame * bands + band)]
        image.data.set([...color, 255], 4 * ((bands - 1 - band) * frames + frame))
      }
    }
    context.putImageData(image, 0, 0)
  }

  frameAt(seconds) {
    const { start_s, end_s, frames } = this.source
    return ((seconds - start_s) / (end_s - start_s)) * frames
  }

  // The part from one moment to another, on a canvas `width` CSS pixels wide.
  show(from, to, width) {
    if (!this.source || !width) return
    const { canvas, picture } = this
    const scale = window.devicePixelRatio || 1
    canvas.style.width = `${width}px`
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(canvas.clientHeight * scale)
    Object.assign(canvas.dataset, { from: from.toFixed(4), to: to.toFixed(4) })
    const context = canvas.getContext("2d")
    const [start, end] = [this.frameAt(from), this.frameAt(to)]
    // The last frame may end a hair before the sound does.
    context.drawImage(picture, picture.width - 1, 0, 1, picture.height, 0, 0, canvas.width, canvas.height)
    context.drawImage(
      picture, start, 0, Math.max(end - start, 0.01), picture.height,
      0, 0, canvas.width, canvas.height,
    )
  }

  // The row at a share of the height and its level at a moment; null beyond the sound.
  at(seconds, share) {
    const { frames, bands } = this.source
    const [frame, row] = [Math.floor(this.frameAt(seconds)), Math.min(Math.floor(share * bands), bands - 1)]
    if (frame > frames || row < 0) return null
    return { row, level: this.levels.charCodeAt(Math.min(frame, frames - 1) * bands + row) }
  }
}

class Spectrogram extends Picture {
  constructor() {
    super(
      "spectrogram",
      MAGMA,
      "Spectrogram: when each pitch is loud, from -80 dB in black to 0 dB, the loudest, in yellow",
    )
  }

  words(seconds, share) {
    const found = this.at(seconds, share)
    if (!found) return ""
    const hz = this.source.pitches[found.row]
    const pitch = hz >= 1000 ? `${(hz / 1000).toFixed(1)} kHz` : `${hz} Hz`
    return `${pitch} · ${Math.round((found.level / 255) * 80 - 80)} dB`
  }
}

class Coefficients extends Picture {
  constructor() {
    super(
      "mfcc",
      LOW_TO_HIGH,
      "MFCCs: each of 40 coefficients over time, from three standard deviations below its own " +
        "average in blue to three above in orange",
    )
  }

  words(seconds, share) {
    const found = this.at(seconds, share)
    if (!found) return ""
    const value = (found.level / 255) * 6 - 3
    const sign = value < -0.05 ? "−" : "+"
    return `coefficient ${found.row + 1} · ${sign}${Math.abs(value).toFixed(1)} std. deviations`
  }
}
