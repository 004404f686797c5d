// `order` is "play" or "pause"; `count` tells a new order from one that was obeyed.
if (window.urbansoundOrder !== count) {
  window.urbansoundOrder = count
  const player = () => document.querySelector("audio.urbansound-waves")
  if (order === "pause") player()?.pause()
  else {
    // The sound may still be on its way.
    const begin = (triesLeft) => {
      const audio = player()
      if (audio?.getAttribute("src")) {
        audio.currentTime = 0
        audio.play().catch(() => {})
      } else if (triesLeft > 0) setTimeout(begin, 100, triesLeft - 1)
    }
    begin(50)
  }
}
