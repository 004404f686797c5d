const { WaveSurfer, Regions, Timeline } = wavesurfer
const WAVE_HEIGHT = 112
const AXIS_HEIGHT = 36
const BLOB_SECONDS = 120
const BUSY =
  "a,button,input,textarea,select,summary,canvas,[contenteditable=true],[role=tab],[role=slider]," +
  "[role=radio],[role=option],[role=dialog],[role=grid]"

class WavePlayer {
  constructor(root) {
    this.root = root
    this.element = root.querySelector(".waves")
    this.place = root.querySelector(".place")
    this.gutter = root.querySelector(".gutter")
    this.said = root.querySelector(".said")
    this.audio = document.body.appendChild(make("audio"))
    this.audio.className = "urbansound-waves"
    this.audio.preload = "metadata"
    this.spectrogram = new Spectrogram()
    this.sound = {}
    this.listen()
    this.build()
  }

  listen() {
    for (const name of ["play", "pause", "ended", "seeked", "loadedmetadata"]) {
      this.audio.addEventListener(name, () => this.show())
    }
    this.audio.addEventListener("error", () => this.audio.getAttribute("src") && this.fail())
    this.onKey = (event) => this.key(event)
    document.addEventListener("keydown", this.onKey, true)
    const press = (name, act) => (this.root.querySelector(name).onclick = act)
    press(".play", () => this.toggle())
    press(".in", () => this.zoom.to(this.zoom.scale * 2))
    press(".out", () => this.zoom.to(this.zoom.scale / 2))
    press(".whole", () => this.zoom.to(1))
  }

  build() {
    this.surfer = WaveSurfer.create({
      container: this.place,
      height: WAVE_HEIGHT,
      media: this.audio,
      cursorWidth: 2,
      normalize: true,
      dragToSeek: false,
      autoCenter: false,
    })
    this.surfer.getDuration = () => this.sound.window_s || 0
    this.zoom = new Zoom(this.surfer, () => this.showZoom())
    this.stretches = new Stretches(this.surfer, (stretch) => this.choose(stretch))
    this.beyond = make("div", "beyond")
    this.surfer.getWrapper().append(this.spectrogram.canvas, this.beyond)
    this.listenToSurfer()
  }

  listenToSurfer() {
    this.surfer.on("redraw", () => Object.assign(this.timeline.options, this.zoom.marks()))
    this.timeline = this.surfer.registerPlugin(Timeline.create({ height: 22, formatTimeCallback: (at) => this.mark(at) }))
    this.surfer.on("redraw", () => this.showZoom())
    this.surfer.on("scroll", () => this.showZoom())
    this.surfer.on("redrawcomplete", () => this.element.classList.remove("loading"))
    this.surfer.on("timeupdate", () => this.showTime())
    this.surfer.on("click", (share) => this.play(share * this.sound.window_s))
  }

  mark(seconds) {
    const isFine = this.sound.window_s < 60 || this.zoom.marks().timeInterval < 1
    return isFine ? `${+seconds.toFixed(2)} s` : clock(seconds)
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue
    this.data = data
    const isFirst = this.sound.audio === undefined
    const isNew = this.sound.audio !== data.sound.audio
    this.sound = data.sound
    this.element.style.setProperty("--mark", data.sound.color)
    this.element.classList.toggle("laned", data.lanes.length > 0)
    this.root.querySelector(".mark").textContent = data.sound.icon
    this.root.querySelector(".title").textContent = data.sound.title
    this.root.querySelector(".note").textContent = data.sound.note
    this.element.setAttribute("aria-label", data.sound.title)
    this.place.style.height = `${data.board_height}px`
    this.spectrogram.take(data.spectrogram)
    if (isNew) this.load()
    this.stretches.draw(data.regions, data.lanes)
    this.chosen = this.chosen && this.stretches.like(this.chosen)
    this.drawGutter()
    this.follow(data.go_to, isFirst)
    this.show()
    this.showZoom()
    if (isNew && !isFirst && data.autoplay) this.play(0)
  }

  // A new sound takes the place of the one before.
  load() {
    this.audio.pause()
    this.chosen = null
    this.element.classList.remove("failed")
    this.stretches.clear()
    this.surfer.setOptions({ waveColor: this.sound.color, progressColor: this.sound.color, minPxPerSec: 0 })
    const beyond = Math.max(0, this.sound.window_s - this.sound.duration_s)
    const courses = channels(this.data.peaks, beyond / this.sound.duration_s, this.zoom.closest)
    this.beyond.style.width = `${(100 * beyond) / this.sound.window_s}%`
    this.beyond.style.height = `${this.data.board_height - AXIS_HEIGHT}px`
    this.surfer.load("", courses, this.sound.window_s).catch(() => this.fail())
    this.ready = this.fetch(this.sound.audio)
  }

  // Short sounds are fetched whole: then every moment can be jumped to at once.
  async fetch(address) {
    this.letGo()
    this.audio.removeAttribute("src")
    let source = address
    if (this.sound.duration_s <= BLOB_SECONDS) {
      const answer = await fetch(address).catch(() => null)
      if (answer?.ok) source = URL.createObjectURL(await answer.blob())
    }
    if (this.sound.audio !== address || this.isClosed) {
      if (source !== address) URL.revokeObjectURL(source)
      return false
    }
    if (source !== address) this.blob = source
    this.audio.src = source
    return true
  }

  letGo() {
    if (this.blob) URL.revokeObjectURL(this.blob)
    this.blob = null
  }

  drawGutter() {
    const spans = this.data.lanes.map(({ name }, row) => this.tick(name, WAVE_HEIGHT + 13 + 22 * row))
    const top = WAVE_HEIGHT + 4 + 22 * this.data.lanes.length
    for (const [hz, share] of this.data.spectrogram?.ticks ?? []) {
      spans.push(this.tick(hz >= 1000 ? `${hz / 1000} kHz` : `${hz} Hz`, top + 220 * (1 - share)))
    }
    this.gutter.replaceChildren(...spans)
  }

  tick(text, top) {
    const span = make("span", "", text)
    span.title = text
    span.style.top = `${top}px`
    return span
  }

  // Where the page asks for a stretch to be heard, it is heard once.
  follow(goTo, isFirst) {
    const asked = JSON.stringify([goTo, this.sound.audio])
    if (asked === this.asked) return
    this.asked = asked
    // A page that is told what was chosen keeps that: coming back to it is no wish to hear it.
    if (!goTo || (isFirst && this.data.tells)) return
    const [start_s, end_s] = goTo
    this.hear(this.stretches.between(start_s, end_s) ?? { start_s, end_s, label: "" })
  }

  choose(stretch) {
    this.hear(stretch)
    const { start_s, end_s, label, lane } = stretch
    if (this.data.tells) this.setTriggerValue("moment", { start_s, end_s, label, lane })
  }

  hear(stretch) {
    this.play(stretch.start_s, stretch.end_s)
    this.chosen = stretch
    this.zoom.bring(stretch.start_s, stretch.end_s)
    this.say(wordsOf(stretch, this.sound.window_s))
    this.show()
  }

  async play(start, end) {
    this.chosen = null
    const asked = (this.wanted = Symbol("asked"))
    if (!(await this.ready) || this.wanted !== asked) return
    this.hushOthers()
    await this.surfer.play(start, end).catch((error) => error.name === "AbortError" || this.fail())
  }

  hushOthers() {
    window.urbansoundPlayer?.stop()
    for (const other of document.querySelectorAll("audio, video")) if (other !== this.audio) other.pause()
  }

  get isPlaying() {
    return !this.audio.paused
  }

  toggle() {
    const { chosen } = this
    const isOver = chosen && this.audio.currentTime >= chosen.end_s - 0.02
    if (this.isPlaying) this.pause()
    else if (isOver) this.hear(chosen)
    else {
      this.play(undefined, chosen?.end_s)
      this.chosen = chosen
    }
  }

  pause() {
    this.wanted = null
    this.audio.pause()
  }

  fail() {
    this.element.classList.add("failed")
    this.root.querySelector(".time").textContent = "cannot be played"
    this.say(`${this.sound.title} cannot be played`)
  }

  say(text) {
    this.said.textContent = text
  }

  show() {
    const button = this.root.querySelector(".play")
    this.element.classList.toggle("playing", this.isPlaying)
    button.firstElementChild.textContent = this.isPlaying ? "pause" : "play_arrow"
    button.setAttribute("aria-label", `${this.isPlaying ? "Pause" : "Play"} ${this.sound.title}`)
    this.stretches.mark(this.chosen)
    this.showTime()
  }

  showTime() {
    if (this.element.classList.contains("failed")) return
    const isShort = this.sound.window_s < 60
    const now = Math.min(this.audio.currentTime, this.sound.duration_s)
    const text = `${timeText(now, isShort)} of ${timeText(this.sound.duration_s, isShort)}`
    this.root.querySelector(".time").textContent = text
    const slider = { valuemin: 0, valuemax: this.sound.duration_s.toFixed(1), valuenow: now.toFixed(1), valuetext: text }
    for (const [name, value] of Object.entries(slider)) this.place.setAttribute(`aria-${name}`, value)
    this.place.setAttribute("aria-label", `Position in ${this.sound.title}`)
  }

  showZoom() {
    const [from, to] = this.zoom.shown
    const heard = this.sound.duration_s / (this.sound.window_s || 1)
    this.spectrogram.show(from / heard, to / heard, this.surfer.getWidth())
    const off = (name, is) => (this.root.querySelector(name).disabled = is)
    off(".out", this.zoom.isWhole)
    off(".whole", this.zoom.isWhole)
    off(".in", this.zoom.isClosest)
    this.surfer.getWrapper().style.cursor = this.zoom.isWhole ? "pointer" : "grab"
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const path = event.composedPath()
    const isInside = path.includes(this.element)
    const isIdle = !path.some((node) => node.matches?.(BUSY))
    if (!isInside && !(this.data.hotkeys && isIdle)) return
    if (event.key === " " && path[0].matches?.(".zoom button")) return
    if (!this.act(event.key)) return
    event.preventDefault()
    event.stopPropagation()
  }

  act(key) {
    if (key === " ") this.toggle()
    else if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) return false
    else if (this.stretches.inOrder.length) this.choose(this.stretches.next(key, this.chosen, this.audio.currentTime))
    else if (!this.data.autoplay) this.seek(key)
    else return false
    return true
  }

  seek(key) {
    const end = this.sound.duration_s
    const to = { ArrowLeft: this.audio.currentTime - 1, ArrowRight: this.audio.currentTime + 1, Home: 0, End: end }[key]
    this.surfer.setTime(Math.min(Math.max(to, 0), end))
    this.say(timeText(Math.min(Math.max(to, 0), end), end < 60))
  }

  close() {
    this.isClosed = true
    document.removeEventListener("keydown", this.onKey, true)
    this.audio.pause()
    this.surfer.destroy()
    this.letGo()
    this.audio.removeAttribute("src")
    this.audio.load()
    this.audio.remove()
  }
}

const players = new WeakMap()

export default function (component) {
  const { parentElement } = component
  let player = players.get(parentElement)
  if (!player) {
    player = new WavePlayer(parentElement)
    players.set(parentElement, player)
  }
  player.update(component)
  return () => {
    player.close()
    players.delete(parentElement)
  }
}
