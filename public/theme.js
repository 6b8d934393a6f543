// Sets the chosen theme before the first paint; a file of its own because the page allows no inline scripts.
try {
  var theme = localStorage.getItem('weir.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage may be forbidden; the system's theme is then used.
  document.documentElement.dataset.storage = String(error && error.name);
}
