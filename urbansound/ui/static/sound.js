// One Audio for the whole page: whoever plays owns it, and all cards hear of it.
function sharedPlayer() {
  if (window.urbansoundPlayer) return window.urbansoundPlayer
  const audio = new Audio()
  const listeners = new Set()
  const blobs = new Map()
  const tell = () => listeners.forEach((listener) => listener())
  const player = {
    audio,
    owner: null,
    listeners,
    async fetch(address) {
      if (blobs.has(address)) return
      blobs.set(address, null)
      const answer = await fetch(address).catch(() => null)
      if (!answer?.ok) return void blobs.delete(address)
      blobs.set(address, URL.createObjectURL(await answer.blob()))
      if (blobs.size > 60) {
        const [oldest, url] = blobs.entries().next().value
        if (url && audio.src !== url) URL.revokeObjectURL(url)
        blobs.delete(oldest)
      }
    },
    play(owner, address) {
      for (const other of document.querySelectorAll("audio, video")) other.pause()
      if (player.owner !== owner) {
        player.owner = owner
        audio.src = blobs.get(address) ?? address
      }
      audio.play().catch((error) => {
        if (error.name !== "AbortError") owner.fail()
      })
    },
    stop() {
      audio.pause()
    },
    follow() {
      tell()
      if (!audio.paused) requestAnimationFrame(player.follow)
    },
  }
  for (const name of ["play", "pause", "ended", "seeked"]) audio.addEventListener(name, player.follow)
  return (window.urbansoundPlayer = player)
}

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function icon(name, className) {
  const element = make("span", `icon ${className ?? ""}`, name)
  element.setAttribute("aria-hidden", "true")
  return element
}

class Card {
  constructor(spec, board) {
    this.spec = spec
    this.board = board
    this.player = sharedPlayer()
    this.element = make("div", "card")
    this.element.style.setProperty("--mark", spec.color)
    this.element.append(this.buildPlay())
    if (spec.another) this.element.append(this.buildAnother())
  }

  buildPlay() {
    const { spec } = this
    this.button = make("button", "play")
    this.button.type = "button"
    const head = make("span", "head")
    this.toggle = icon("play_arrow", "toggle")
    head.append(icon(spec.icon, "mark"), make("span", "title", spec.title), this.toggle)
    this.wave = make("span", "wave")
    const image = make("img")
    image.alt = spec.alt
    image.onload = () => this.wave.classList.add("drawn")
    image.onerror = () => this.wave.classList.add("missing")
    image.src = spec.wave
    this.line = make("span", "head-line")
    this.wave.append(image, this.line)
    const foot = make("span", "foot")
    this.time = make("span", "", "0")
    this.note = make("span", "", spec.note)
    foot.append(this.time, this.note, make("span", "", `${+spec.window_s.toFixed(1)} s`))
    this.button.append(head, this.wave, foot)
    this.button.onclick = (event) => this.press(event)
    this.button.setAttribute("aria-label", `Play ${spec.title}, ${spec.note}`)
    return this.button
  }

  buildAnother() {
    const button = make("button", "another")
    button.type = "button"
    button.append(icon("refresh"), make("span", "", "another one"))
    button.setAttribute("aria-label", `Another ${this.spec.title}`)
    button.onclick = () => this.board.askAnother(this)
    return button
  }

  get isMine() {
    return this.player.owner === this
  }

  get isPlaying() {
    return this.isMine && !this.player.audio.paused
  }

  press(event) {
    this.board.last = this
    const box = this.wave.getBoundingClientRect()
    const isSeek = this.board.isWide && event.detail > 0 && event.clientY > box.top && event.clientY < box.bottom
    if (isSeek) {
      this.play()
      this.seek(((event.clientX - box.left) / box.width) * this.spec.window_s)
    } else if (this.isPlaying) this.player.stop()
    else this.play()
  }

  seek(seconds) {
    const { audio } = this.player
    const go = () => {
      if (this.isMine) audio.currentTime = Math.min(seconds, audio.duration || seconds)
    }
    if (audio.readyState > 0) go()
    else audio.addEventListener("loadedmetadata", go, { once: true })
  }

  play() {
    this.board.last = this
    this.player.play(this, this.spec.audio)
  }

  fail() {
    this.note.textContent = "cannot be played"
    this.board.say(`${this.spec.title} cannot be played`)
  }

  show() {
    const playing = this.isPlaying
    const { audio } = this.player
    this.element.classList.toggle("playing", playing)
    this.element.classList.toggle("begun", this.isMine && audio.currentTime > 0 && !audio.ended)
    this.toggle.textContent = playing ? "pause" : "play_arrow"
    this.button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${this.spec.title}, ${this.spec.note}`)
    const now = this.isMine && !audio.ended ? audio.currentTime : 0
    this.line.style.left = `${Math.min(100, (100 * now) / this.spec.window_s)}%`
    this.time.textContent = now > 0 ? now.toFixed(1) : "0"
  }
}

class Board {
  constructor(root) {
    this.place = root.querySelector(".cards")
    this.said = root.querySelector(".said")
    this.root = root
    this.cards = []
    this.last = null
    this.awaited = null
    this.onKey = (event) => this.key(event)
    this.onChange = () => this.cards.forEach((card) => card.show())
    document.addEventListener("keydown", this.onKey, true)
    sharedPlayer().listeners.add(this.onChange)
  }

  update({ data, setTriggerValue }) {
    this.setTriggerValue = setTriggerValue
    this.hotkeys = data.hotkeys
    this.isWide = data.layout === "wide"
    this.place.className = `cards ${data.layout}`
    const shown = this.cards[0]?.spec.id
    const before = new Map(this.cards.map((card) => [JSON.stringify(card.spec), card]))
    const focused = this.cards.findIndex((card) => card.element.contains(this.root.activeElement))
    this.cards = data.cards.map((spec) => before.get(JSON.stringify(spec)) ?? new Card(spec, this))
    this.place.replaceChildren(...this.cards.map((card) => card.element))
    if (focused >= 0) this.cards[focused]?.button.focus()
    if (this.last && !this.cards.includes(this.last)) {
      if (this.last.isMine) sharedPlayer().stop()
      this.last = null
    }
    this.playAwaited()
    if (data.autoplay && shown !== undefined && shown !== this.cards[0].spec.id) this.cards[0].play()
    if (data.skeletons) this.place.replaceChildren(...Array.from({ length: data.skeletons }, () => make("div", "card skeleton")))
    this.cards.forEach((card) => sharedPlayer().fetch(card.spec.audio))
    this.onChange()
  }

  askAnother(card) {
    if (this.awaited) return
    this.awaited = { at: this.cards.indexOf(card), was: card.spec.id }
    this.setTriggerValue("another", card.spec.id)
  }

  playAwaited() {
    const card = this.cards[this.awaited?.at]
    if (!card || card.spec.id === this.awaited.was) return
    this.awaited = null
    card.button.focus()
    card.play()
  }

  say(text) {
    this.said.textContent = text
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const path = event.composedPath()
    const isInside = path.includes(this.place)
    const busy = "a,button,input,textarea,select,summary,canvas,[contenteditable=true],[role=tab],[role=slider],[role=radio],[role=option],[role=dialog],[role=grid]"
    const isIdle = !path.some((node) => node.matches?.(busy))
    if (!isInside && !(this.hotkeys && isIdle)) return
    if (path[0].matches?.(".another") && event.key === " ") return
    if (this.act(event.key, isInside)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }

  act(key, isInside) {
    const focused = this.cards.findIndex((card) => card.element.contains(this.root.activeElement))
    const at = focused >= 0 ? focused : this.cards.indexOf(this.last)
    if (key === " ") {
      const card = this.cards[Math.max(at, 0)]
      if (card.isPlaying) sharedPlayer().stop()
      else card.play()
      return true
    }
    const columns = getComputedStyle(this.place).gridTemplateColumns.split(" ").length
    const steps = { ArrowLeft: -1, ArrowRight: 1, ...(isInside ? { ArrowUp: -columns, ArrowDown: columns } : {}) }
    const next = this.cards[at < 0 ? 0 : at + steps[key]]
    if (!(key in steps) || this.cards.length < 2) return false
    if (next) {
      next.button.focus()
      next.play()
    }
    return true
  }

  close() {
    document.removeEventListener("keydown", this.onKey, true)
    sharedPlayer().listeners.delete(this.onChange)
    if (this.cards.includes(sharedPlayer().owner)) sharedPlayer().stop()
  }
}

const boards = new WeakMap()

export default function (component) {
  const { parentElement } = component
  let board = boards.get(parentElement)
  if (!board) {
    board = new Board(parentElement)
    boards.set(parentElement, board)
  }
  board.update(component)
  return () => {
    board.close()
    boards.delete(parentElement)
  }
}
