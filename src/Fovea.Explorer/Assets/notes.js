// Saves a unit's note in place, keeps what is typed until it is saved, and shows a newer note where somebody wrote one meanwhile.
'use strict';
{
  const start = () => {
    const form = document.querySelector('form.note-form[data-api]');
    if (!form) return;

    const output = form.querySelector('output'), newer = form.querySelector('.note-newer');
    const key = `note ${form.dataset.api}`;
    const named = name => form.elements.namedItem(name);
    const fields = ['name', 'tags', 'rating', 'text', 'author', 'written'];

    const read = () => ({
      revision: Number(named('revision').value),
      name: named('name').value || null,
      tags: named('tags').value.split(';').map(tag => tag.trim()).filter(tag => tag),
      rating: named('rating').value ? Number(named('rating').value) : null,
      hidden: named('hidden').checked,
      text: named('text').value || null,
      author: named('author').value || null,
      written: named('written').value || null,
    });

    function show(note) {
      for (const field of fields) named(field).value = field === 'tags' ? note.tags.join('; ') : note[field] ?? '';
      named('hidden').checked = note.hidden;
    }

    // A note but for the revision that it is written over.
    const words = text => JSON.stringify({ ...JSON.parse(text), revision: 0 });

    // A browser that forbids storage only loses the draft.
    const drafts = {
      keep() { try { localStorage.setItem(key, JSON.stringify(read())); } catch { /* nothing to keep it in */ } },
      drop() { try { localStorage.removeItem(key); } catch { /* it was not kept */ } },
      // What another tab of this browser is writing meanwhile is not this one's to forget.
      dropSaved(sent) { try { if (words(localStorage.getItem(key)) === words(sent)) localStorage.removeItem(key); } catch { /* it was not kept */ } },
      find() { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
    };

    function conflict(note, error) {
      named('revision').value = note.revision;
      newer.hidden = false;
      newer.replaceChildren();
      const say = (tag, text) => newer.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
      say('p', error);
      say('p', [note.name, note.tags.join('; '), note.rating ? `rated ${note.rating}` : '', note.text].filter(part => part).join(' · ') || 'It was taken back.');
      const take = say('button', 'Take the newer one');
      take.type = 'button';
      take.addEventListener('click', () => { show(note); newer.hidden = true; drafts.drop(); output.textContent = `the newer one, revision ${note.revision}`; });
      say('p', 'Save once more to put yours in its place.');
    }

    async function save() {
      output.textContent = 'saving …';
      const sent = JSON.stringify(read());
      let answer, said;
      try {
        answer = await fetch(form.dataset.api, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: sent });
        said = await answer.json();
      } catch {
        output.textContent = 'not saved: the explorer does not answer. What you wrote is kept in this browser.';
        return;
      }
      if (answer.ok) {
        named('revision').value = said.note.revision;
        show(said.note);
        newer.hidden = true;
        drafts.dropSaved(sent);
        output.textContent = `saved, revision ${said.note.revision}`;
      } else if (answer.status === 409) {
        output.textContent = 'not saved';
        // Until it is decided, with the revision that it was written over: shown beside the newer one when the page is opened again.
        drafts.keep();
        conflict(said.note, said.error);
      } else {
        output.textContent = `not saved: ${said.error ?? answer.status}`;
      }
    }

    form.addEventListener('input', drafts.keep);
    form.addEventListener('submit', event => { event.preventDefault(); save(); });

    const draft = drafts.find();
    if (draft) {
      // What was typed over an older note is shown with the newer one, not in its place.
      const stored = read(), changed = draft.revision !== stored.revision;
      show({ ...draft, tags: draft.tags ?? [] });
      output.textContent = 'not saved yet: kept from your last visit';
      if (changed) conflict(stored, 'This note was changed since you wrote the one below.');
    }
  };
  start();
  // Another unit has come into the page (walk.js).
  document.addEventListener('fovea:page', start);
}
