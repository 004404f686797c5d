if (!window.urbansoundOneSound) {
  window.urbansoundOneSound = true
  document.addEventListener(
    "play",
    (event) => {
      window.urbansoundPlayer?.stop()
      for (const other of document.querySelectorAll("audio, video")) {
        if (other !== event.target) other.pause()
      }
    },
    true,
  )
}
