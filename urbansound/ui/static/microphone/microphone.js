const desks = new WeakMap()

export default function (component) {
  const { data, parentElement } = component
  let desk = desks.get(parentElement)
  if (!desk) {
    desk = data.mode === "live" ? new Live(parentElement) : new Recorder(parentElement)
    desks.set(parentElement, desk)
  }
  desk.update(component)
  return () => {
    desk.unmount()
    desks.delete(parentElement)
  }
}
