// Written into the head of a page that has a sidebar: its room is kept until it is there, or the page is without it.
{
  const root = document.documentElement
  root.dataset.reserved = 'sidebar'
  const watch = new MutationObserver(() => {
    const sidebar = document.querySelector('[data-testid="stSidebar"]')
    const state = document.querySelector('[data-testid="stApp"]')?.getAttribute('data-test-script-state')
    if (!sidebar && state !== 'notRunning') return
    delete root.dataset.reserved
    watch.disconnect()
  })
  const attributeFilter = ['data-test-script-state']
  watch.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter })
}
