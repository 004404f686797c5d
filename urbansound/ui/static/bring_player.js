// `count` tells a new choice from one that was followed. The table stays in sight, too.
if (window.urbansoundBrought !== count) {
  window.urbansoundBrought = count
  const bring = (triesLeft) => {
    const player = document.querySelector(".st-key-explore_player")
    const main = player?.closest("[data-testid=stMain]")
    if (!main) {
      if (triesLeft > 0) setTimeout(bring, 100, triesLeft - 1)
      return
    }
    const { top, bottom, height } = player.getBoundingClientRect()
    const seen = Math.min(height, innerHeight * 0.4)
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth"
    if (top >= innerHeight) main.scrollBy({ top: top + seen - innerHeight, behavior })
    else if (bottom <= 0) main.scrollBy({ top: bottom - seen, behavior })
  }
  bring(50)
}
