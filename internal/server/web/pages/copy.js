// Copy buttons. The page works without this script, so it is what shows them.
(() => {
  "use strict";
  const said = document.getElementById("said");

  // Browsers offer the clipboard to secure pages only; elsewhere the text is
  // selected and copied the old way.
  async function copy(source) {
    const text = source.textContent;
    if (navigator.clipboard && window.isSecureContext) {
      return navigator.clipboard.writeText(text);
    }
    const range = document.createRange();
    range.selectNodeContents(source);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    if (!document.execCommand("copy")) {
      throw new Error("not copied");
    }
    selection.removeAllRanges();
  }

  for (const button of document.querySelectorAll("button.copy")) {
    const source = button.closest(".command, .block").querySelector("code");
    const label = button.textContent;
    let timer = 0;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let word = "Copied";
      try {
        await copy(source);
      } catch {
        word = "Select and copy";
      }
      button.textContent = word;
      said.textContent = word;
      clearTimeout(timer);
      timer = setTimeout(() => {
        button.textContent = label;
        said.textContent = "";
      }, 2000);
    });
  }
})();
