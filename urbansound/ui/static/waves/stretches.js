const ICON_WIDTH = 20

function make(tag, part, text) {
  const element = document.createElement(tag)
  if (part) element.setAttribute("part", part)
  if (text !== undefined) element.textContent = text
  return element
}

function timeText(seconds, isShort) {
  return isShort ? `${seconds.toFixed(1)} s` : clock(seconds)
}

// A stretch's label as marked text: its icon, then its words.
function labelOf(stretch, part) {
  const label = make("span", part)
  if (stretch.icon) {
    const icon = make("span", "icon", stretch.icon)
    icon.setAttribute("aria-hidden", "true")
    label.append(icon)
  }
  label.append(make("span", "words", stretch.label))
  return label
}

function fill(color, percent) {
  return `color-mix(in srgb, ${color} ${percent}%, transparent)`
}

function wordsOf({ label, note, lane, start_s, end_s }, seconds) {
  const when = [start_s, end_s].map((at) => timeText(at, seconds < 60)).join(" to ")
  return [lane, label, note, when].filter(Boolean).join(", ")
}

// Whether a stretch is another one, perhaps grown since.
function isSame(stretch, other) {
  return ["start_s", "label", "lane"].every((name) => stretch[name] === other[name])
}

// Coloured stretches over the waveform, and rows of them below it.
class Stretches {
  constructor(surfer, onChoose) {
    this.surfer = surfer
    this.onChoose = onChoose
    this.drawn = new Map()
    this.inOrder = []
    this.lanes = make("div", "lanes")
    this.lanes.style.paddingTop = "4px"
    surfer.getWrapper().append(this.lanes)
    this.regions = surfer.registerPlugin(Regions.create())
    this.regions.on("region-clicked", (region, event) => {
      event.stopPropagation()
      onChoose(region.stretch)
    })
    surfer.getWrapper().querySelector("[part=regions-container]").style.height = `${WAVE_HEIGHT}px`
    surfer.on("redraw", () => this.showLabels())
  }

  get seconds() {
    return this.surfer.getDuration()
  }

  clear() {
    for (const { remove } of this.drawn.values()) remove()
    this.drawn.clear()
  }

  // Those that stay are left as they are, so that more may come in while one is played.
  draw(regions, lanes) {
    this.drawRows(lanes.length)
    const kept = new Map()
    for (const stretch of this.flat(regions, lanes)) {
      const id = JSON.stringify(stretch)
      if (kept.has(id)) continue
      kept.set(id, this.drawn.get(id) ?? (stretch.lane === null ? this.addRegion(stretch) : this.addBar(stretch)))
      this.drawn.delete(id)
    }
    this.clear()
    this.drawn = kept
    const all = [...kept.values()].map(({ stretch }) => stretch)
    const own = all.filter(({ lane }) => lane === null)
    this.inOrder = (own.length ? own : all).sort((a, b) => a.start_s - b.start_s)
    this.showLabels()
  }

  flat(regions, lanes) {
    const own = regions.map((stretch) => ({ ...stretch, lane: null }))
    const below = lanes.map(({ name, regions }, row) => regions.map((stretch) => ({ ...stretch, lane: name, row })))
    return [...own, ...below.flat()]
  }

  drawRows(n) {
    while (this.lanes.children.length < n) this.lanes.append(make("div", "lane"))
    while (this.lanes.children.length > n) this.lanes.lastChild.remove()
  }

  addRegion(stretch) {
    const region = this.regions.addRegion({
      start: stretch.start_s,
      end: stretch.end_s,
      drag: false,
      resize: false,
      color: fill(stretch.color, 26),
    })
    region.stretch = stretch
    this.dress(region.element, stretch, "label over")
    region.element.style.borderTop = `4px solid ${stretch.color}`
    region.element.style.overflow = "clip"
    return { stretch, element: region.element, remove: () => region.remove() }
  }

  addBar(stretch) {
    const bar = make("div", "bar")
    Object.assign(bar.style, {
      left: `${(100 * stretch.start_s) / this.seconds}%`,
      width: `max(3px, ${(100 * (stretch.end_s - stretch.start_s)) / this.seconds}%)`,
      borderLeftColor: stretch.color,
      background: fill(stretch.color, 42),
    })
    this.dress(bar, stretch, "label")
    bar.onclick = (event) => {
      event.stopPropagation()
      this.onChoose(stretch)
    }
    this.lanes.children[stretch.row].append(bar)
    return { stretch, element: bar, remove: () => bar.remove() }
  }

  dress(element, stretch, part) {
    element.title = wordsOf(stretch, this.seconds)
    element.style.cursor = "pointer"
    element.append(labelOf(stretch, part))
  }

  // The one that `other` was before it grew, or that lies from one moment to another.
  like(other) {
    return [...this.drawn.values()].map(({ stretch }) => stretch).find((stretch) => isSame(stretch, other))
  }

  between(start, end) {
    return this.inOrder.find((stretch) => stretch.start_s === start && stretch.end_s === end)
  }

  // The one that a key leads to from `chosen`, or where there is none from the moment `now`.
  next(key, chosen, now) {
    const { inOrder } = this
    const last = inOrder.length - 1
    if (key === "Home") return inOrder[0]
    if (key === "End") return inOrder[last]
    const isBack = key === "ArrowLeft"
    const at = inOrder.indexOf(chosen)
    if (at >= 0) return inOrder[Math.min(Math.max(at + (isBack ? -1 : 1), 0), last)]
    if (isBack) return inOrder.findLast((stretch) => stretch.start_s < now - 0.5) ?? inOrder[0]
    return inOrder.find((stretch) => stretch.start_s >= now) ?? inOrder[last]
  }

  mark(chosen) {
    for (const { stretch, element } of this.drawn.values()) element.part.toggle("chosen", stretch === chosen)
  }

  // A stretch too narrow for its icon shows its colour alone until it is zoomed in on.
  showLabels() {
    const perSecond = this.surfer.getWrapper().clientWidth / this.seconds
    for (const { stretch, element } of this.drawn.values()) {
      const isWide = (stretch.end_s - stretch.start_s) * perSecond > ICON_WIDTH
      element.lastElementChild.style.visibility = isWide ? "visible" : "hidden"
    }
  }
}
