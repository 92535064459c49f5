// plotly.js is four megabytes: asked for once a page, as early as can be, and shared by all that draw with it.
function loadPlotly(address) {
  if (window.Plotly) return Promise.resolve(window.Plotly)
  window.__plotly ??= new Promise((loaded, failed) => {
    const script = document.createElement('script')
    script.src = address
    script.onload = () => loaded(window.Plotly)
    script.onerror = () => failed(new Error('plotly.js could not be loaded from ' + address))
    document.head.append(script)
  })
  return window.__plotly
}
