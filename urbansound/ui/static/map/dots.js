const HALO_UP_TO = 20000

// The clips as coloured marks, written pixel by pixel: a hundred thousand in a few hundredths of a second.
class Dots {
  constructor(canvas) {
    this.canvas = canvas
    this.context = canvas.getContext("2d", { alpha: false })
  }

  resize(width, height, ratio) {
    this.ratio = ratio
    this.canvas.width = Math.max(1, Math.round(width * ratio))
    this.canvas.height = Math.max(1, Math.round(height * ratio))
    this.image = this.context.createImageData(this.canvas.width, this.canvas.height)
    this.pixels = new Uint32Array(this.image.data.buffer)
  }

  // `paints` are { color: [r, g, b], shape, alpha }, `codes` say which of them each clip has.
  take(paints, codes) {
    this.paints = paints
    this.codes = codes
    this.order = orderOf(paints, codes)
  }

  radius(plane, n) {
    const whole = n > 50000 ? 1.1 : n > 15000 ? 1.5 : n > 5000 ? 2.1 : n > 1200 ? 2.9 : 4
    // On a phone the same clips share less room.
    const room = Math.min(1, Math.max(0.66, (plane.width / 850) ** 0.5))
    return Math.min(10, whole * room * plane.zoom ** 0.4)
  }

  draw(clips, plane, background) {
    const { width, height } = this.canvas
    this.pixels.fill(packed(background))
    const radius = this.radius(plane, clips.n)
    const halo = clips.n <= HALO_UP_TO ? background : null
    const stamps = this.paints.map((paint) => stampOf(paint, radius * this.ratio, halo, width))
    const step = plane.step * this.ratio
    const left = width / 2 - plane.x * step
    const top = height / 2 - plane.y * step
    const { positions } = clips
    for (const at of this.order) {
      const x = Math.round(positions[2 * at] * step + left)
      const y = Math.round(positions[2 * at + 1] * step + top)
      const stamp = stamps[this.codes[at]]
      const { reach } = stamp
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue
      press(this.pixels, y * width + x, stamp)
    }
    this.context.putImageData(this.image, 0, 0)
  }
}

// Faint marks first, crosses last; within these in a shuffled order, always the same, so that
// no class lies above another.
function orderOf(paints, codes) {
  const layers = paints.map((paint) => (paint.alpha < 1 ? 0 : paint.shape === "cross" ? 2 : 1))
  const order = Uint32Array.from(codes, (_, at) => at)
  let seed = 1
  for (let at = order.length - 1; at > 0; at--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    const other = Math.floor((seed / 2 ** 32) * (at + 1))
    ;[order[at], order[other]] = [order[other], order[at]]
  }
  const sorted = new Uint32Array(order.length)
  let place = 0
  for (let layer = 0; layer < 3; layer++) {
    for (const at of order) if (layers[codes[at]] === layer) sorted[place++] = at
  }
  return sorted
}

function packed([r, g, b]) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
}

// The pixels of a mark around its middle: where, how much, and in which colour.
function stampOf({ color, shape, alpha }, radius, halo, width) {
  const reach = Math.ceil(radius + 2)
  const found = { reach, offsets: [], shares: [], colors: [] }
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const beyond = edgeOf(shape, x, y, radius)
      const share = Math.min(1, Math.max(0, 0.5 - beyond))
      const around = halo && alpha === 1 ? Math.min(1, Math.max(0, 1.5 - beyond)) * 0.9 : 0
      if (around > share) add(found, y * width + x, around, halo)
      if (share > 0.02) add(found, y * width + x, share * alpha, color)
    }
  }
  return found
}

function add(stamp, offset, share, color) {
  stamp.offsets.push(offset)
  stamp.shares.push(Math.round(255 * share))
  stamp.colors.push(packed(color))
}

// How far a pixel lies outside a mark; negative inside.
function edgeOf(shape, x, y, radius) {
  if (shape !== "cross") return Math.hypot(x, y) - radius
  const along = Math.abs(x + y) * Math.SQRT1_2
  const aside = Math.abs(x - y) * Math.SQRT1_2
  const thick = Math.max(0.8, radius * 0.34)
  const long = radius * 1.3
  return Math.min(Math.max(along - long, aside - thick), Math.max(aside - long, along - thick))
}

function press(pixels, middle, { offsets, shares, colors }) {
  for (let part = 0; part < offsets.length; part++) {
    const at = middle + offsets[part]
    const share = shares[part]
    const color = colors[part]
    if (share === 255) {
      pixels[at] = color
      continue
    }
    const under = pixels[at]
    const rest = 255 - share
    const r = ((color & 255) * share + (under & 255) * rest) / 255
    const g = (((color >> 8) & 255) * share + ((under >> 8) & 255) * rest) / 255
    const b = (((color >> 16) & 255) * share + ((under >> 16) & 255) * rest) / 255
    pixels[at] = ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
  }
}
