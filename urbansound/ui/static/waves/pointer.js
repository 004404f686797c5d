// What is under the pointer, in words beside it, and a line through all pictures.
class Pointer {
  constructor(board, place, wordsAt) {
    this.place = place
    this.board = board
    this.wordsAt = wordsAt
    this.line = board.querySelector(".line")
    this.words = board.querySelector(".under")
    place.addEventListener("pointermove", (event) => this.move(event))
    for (const name of ["pointerleave", "pointercancel"]) place.addEventListener(name, () => this.hide())
  }

  move(event) {
    const words = event.pointerType === "touch" ? null : this.wordsAt(event)
    if (!words) return this.hide()
    const box = this.board.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    this.words.textContent = words
    this.board.classList.add("pointed")
    this.line.style.left = `${x}px`
    const isRight = x + 14 + this.words.offsetWidth > box.width
    this.words.style.left = `${isRight ? x - 12 - this.words.offsetWidth : x + 14}px`
    this.words.style.top = `${Math.max(0, y - 30)}px`
  }

  hide() {
    this.board.classList.remove("pointed")
  }
}
