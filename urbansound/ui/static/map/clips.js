const CELLS = 128
const SHIFT = 9

// All clips of a layout as the server packs them, with a grid over them to find the nearest.
class Clips {
  constructor(buffer, n) {
    let at = 0
    const next = (kind, count) => {
      const array = new kind(buffer, at, count)
      at += count * kind.BYTES_PER_ELEMENT
      return array
    }
    this.n = n
    this.recordings = next(Float64Array, n)
    this.numbers = next(Int32Array, n)
    this.folds = next(Int32Array, n)
    this.positions = next(Uint16Array, 2 * n)
    this.classes = next(Uint16Array, n)
    this.loud = next(Uint8Array, n)
    this.countRecordings()
    this.buildGrid()
  }

  x(at) {
    return this.positions[2 * at]
  }

  y(at) {
    return this.positions[2 * at + 1]
  }

  countRecordings() {
    this.takes = new Map()
    for (const id of this.recordings) if (id >= 0) this.takes.set(id, (this.takes.get(id) ?? 0) + 1)
  }

  // How many clips of its recording there are, itself among them.
  nTakes(at) {
    return this.takes.get(this.recordings[at]) ?? 1
  }

  siblings(at) {
    const id = this.recordings[at]
    const found = []
    if (this.nTakes(at) < 2) return found
    for (let other = 0; other < this.n; other++) {
      if (this.recordings[other] === id && other !== at) found.push(other)
    }
    return found
  }

  indexOf(number) {
    let low = 0
    let high = this.n - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if (this.numbers[middle] === number) return middle
      if (this.numbers[middle] < number) low = middle + 1
      else high = middle - 1
    }
    return -1
  }

  get bounds() {
    const found = { left: FULL, top: FULL, right: 0, bottom: 0 }
    for (let at = 0; at < this.n; at++) {
      found.left = Math.min(found.left, this.x(at))
      found.right = Math.max(found.right, this.x(at))
      found.top = Math.min(found.top, this.y(at))
      found.bottom = Math.max(found.bottom, this.y(at))
    }
    return found
  }

  buildGrid() {
    const cellOf = (at) => (this.y(at) >> SHIFT) * CELLS + (this.x(at) >> SHIFT)
    this.starts = new Uint32Array(CELLS * CELLS + 1)
    for (let at = 0; at < this.n; at++) this.starts[cellOf(at) + 1]++
    for (let cell = 0; cell < CELLS * CELLS; cell++) this.starts[cell + 1] += this.starts[cell]
    const free = this.starts.slice()
    this.inCells = new Uint32Array(this.n)
    for (let at = 0; at < this.n; at++) this.inCells[free[cellOf(at)]++] = at
  }

  // The clip closest to a place, at most `reach` steps away; -1 where there is none.
  nearest(x, y, reach) {
    const cell = (value) => Math.min(CELLS - 1, Math.max(0, value >> SHIFT))
    let best = -1
    let least = reach * reach
    for (let row = cell(y - reach); row <= cell(y + reach); row++) {
      const from = this.starts[row * CELLS + cell(x - reach)]
      const to = this.starts[row * CELLS + cell(x + reach) + 1]
      for (let place = from; place < to; place++) {
        const at = this.inCells[place]
        const far = (this.x(at) - x) ** 2 + (this.y(at) - y) ** 2
        if (far <= least) [least, best] = [far, at]
      }
    }
    return best
  }

  // The next clip in a direction (a unit step): near, and not far aside.
  next(at, across, down) {
    let best = -1
    let least = Infinity
    for (let other = 0; other < this.n; other++) {
      const dx = this.x(other) - this.x(at)
      const dy = this.y(other) - this.y(at)
      const ahead = dx * across + dy * down
      const aside = Math.abs(dx * down) + Math.abs(dy * across)
      if (ahead <= 0 || aside > ahead) continue
      const far = ahead + 2 * aside
      if (far < least) [least, best] = [far, other]
    }
    return best
  }

  // Which clips lie inside a polygon [[x, y], …], by the even-odd rule.
  inside(polygon) {
    const mask = new Uint8Array(this.n)
    for (let at = 0; at < this.n; at++) mask[at] = isInside(this.x(at), this.y(at), polygon)
    return mask
  }
}

function isInside(x, y, polygon) {
  let inside = 0
  let [x1, y1] = polygon[polygon.length - 1]
  for (const [x2, y2] of polygon) {
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside ^= 1
    ;[x1, y1] = [x2, y2]
  }
  return inside
}
