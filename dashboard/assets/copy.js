// Adds a button that copies its text to every element with `data-copy`, whose value names the text. Pages are complete
// without this script: then there are no buttons, and the text is selected by hand.
'use strict';

const RESET_MS = 3000;

// Browsers offer the clipboard only over https and on this computer; elsewhere the selection is copied.
async function copy(source) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      // Denied: the selection may still be copied.
    }
  }
  getSelection().selectAllChildren(source);
  return document.execCommand('copy');
}

const status = document.createElement('p');
status.className = 'unseen';
status.setAttribute('role', 'status');

function addButton(source) {
  const what = source.dataset.copy;
  const button = document.createElement('button');
  const show = (text) => {
    button.textContent = text;
    button.setAttribute('aria-label', `${text} ${what}`);
  };
  let timer;
  button.type = 'button';
  button.className = 'quiet copy';
  show('Copy');
  button.addEventListener('click', async () => {
    const copied = await copy(source);
    show(copied ? 'Copied' : 'Selected');
    status.textContent = copied ? `Copied the ${what}.` : `Selected the ${what}. Copy it with the keyboard.`;
    clearTimeout(timer);
    timer = setTimeout(() => {
      show('Copy');
      status.textContent = '';
    }, RESET_MS);
  });
  source.after(button);
}

for (const source of document.querySelectorAll('[data-copy]')) addButton(source);
document.querySelector('main').append(status);
