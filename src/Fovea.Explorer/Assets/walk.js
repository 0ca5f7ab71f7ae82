// Goes from unit to unit within one document: the next page is asked for while this one is looked at, and its main part takes the place of
// this one's. What is shown is the page that the server has at that address; without this script, and wherever anything is out of the
// ordinary, the link is followed as any other.
'use strict';
(() => {
  // Other pages have a history of their own (live.js), and no unit ever comes into them.
  if (!document.querySelector('nav[data-walk]')) return;

  // A page that was made ahead is shown for so long; after that it is asked for again.
  const fresh = 10_000;
  const content = () => document.getElementById('content');
  const place = url => url.pathname + url.search;

  // What stands round the main part: the head, the keys, the foot. A page with others is opened anew.
  const frame = page => ['header', '#keys ul', '.guide a', 'footer > p', 'link[rel=stylesheet]']
    .flatMap(selector => [...page.querySelectorAll(selector)].map(element => element.outerHTML)).join('\n');
  const scripts = page => [...page.querySelectorAll('script[src]')].map(script => script.getAttribute('src'));

  // --- Asking ---
  const ahead = new Map();
  const isFresh = href => performance.now() - ahead.get(href)?.at < fresh;

  async function ask(href) {
    const answer = await fetch(href, { headers: { Accept: 'text/html' } });
    if (!answer.ok || answer.redirected) throw new Error(`${href}: ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const known = new Set(scripts(document));
    if (!page.querySelector('nav[data-walk]') || frame(page) !== frame(document) || !scripts(page).every(script => known.has(script)))
      throw new Error(`${href} is another kind of page`);
    return page;
  }

  function lookAhead(link) {
    if (!link || isFresh(link.href)) return;
    const page = ask(link.href);
    ahead.set(link.href, { at: performance.now(), page });
    // Told when the link is followed.
    page.catch(() => {});
  }

  function take(href) {
    const made = isFresh(href) ? ahead.get(href).page : ask(href);
    ahead.clear();
    return made;
  }

  // --- Showing ---
  // Where each visit of a page had been read to. A visit is an entry of the browser's history; its number goes with it.
  const kept = 'fovea-walk', most = 500;
  const newVisit = () => Date.now() + Math.random();
  let read = new Map(), visit = history.state?.walk, shown = place(location), turn = 0, coming = null, settling = 0;
  try { read = new Map(JSON.parse(sessionStorage.getItem(kept) ?? '[]')); } catch { /* nothing was kept */ }
  if (visit === undefined) history.replaceState({ ...history.state, walk: visit = newVisit() }, '');

  function arrive(at) {
    read.set(visit, scrollY);
    visit = at;
  }

  function show(page, top) {
    // A list that is open belongs to the page that is left.
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
    const main = document.adoptNode(page.getElementById('content'));
    // What nobody sees yet is laid out and painted a little later, so that what he sees is there sooner; where he had read further down, all
    // of it is needed to find the place.
    main.classList.toggle('arriving', top === 0);
    clearTimeout(settling);
    settling = setTimeout(() => main.classList.remove('arriving'), 250);
    content().replaceWith(main);
    document.title = page.title;
    shown = place(location);
    // A reader of the screen hears what is there now; the next Tab begins there.
    const heading = main.querySelector('h1');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
    scrollTo({ top, behavior: 'instant' });
    document.dispatchEvent(new Event('fovea:page'));
    // After it is painted.
    requestAnimationFrame(() => setTimeout(() => lookAhead(document.querySelector('nav[data-walk] a[rel=next]'))));
  }

  /** Shows the page of an address; arrives says what is done to the history just before, and where the page is read on. */
  async function go(href, arrives, otherwise) {
    const mine = ++turn;
    coming = href;
    content().setAttribute('aria-busy', 'true');
    try {
      const page = await take(href);
      if (mine === turn) show(page, arrives());
    } catch {
      // Whatever is wrong, the browser says it, or shows the page in its own way.
      if (mine === turn) otherwise();
    } finally {
      if (mine === turn) coming = null;
    }
  }

  function stay() {
    turn++;
    coming = null;
    content().removeAttribute('aria-busy');
  }

  // --- What leads on ---
  const linkOf = event => event.target instanceof Element
    ? event.target.closest('nav[data-walk] a[rel=next], nav[data-walk] a[rel=prev]') : null;

  document.addEventListener('click', event => {
    const link = linkOf(event);
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    // A key that is held down does not begin again what is on its way.
    if (coming === link.href) return;
    go(link.href, () => {
      history.scrollRestoration = 'manual';
      arrive(newVisit());
      history.pushState({ walk: visit }, '', link.href);
      return 0;
    }, () => location.assign(link.href));
  });
  document.addEventListener('pointerover', event => lookAhead(linkOf(event)));

  addEventListener('popstate', event => {
    const to = event.state?.walk;
    if (place(location) !== shown) {
      const at = to ?? newVisit();
      go(location.href, () => {
        arrive(at);
        if (to === undefined) history.replaceState({ walk: at }, '');
        return read.get(at) ?? 0;
      }, () => location.reload());
      return;
    }
    // The page that is shown: whatever was on its way is not wanted any more. To a place on it ('#') the browser goes by itself.
    stay();
    if (to === undefined) history.replaceState({ walk: visit }, '');
    else if (to !== visit) {
      arrive(to);
      scrollTo({ top: read.get(to) ?? 0, behavior: 'instant' });
    }
  });

  // Opened once more from elsewhere, the browser finds the place as on any page.
  addEventListener('pagehide', () => {
    history.scrollRestoration = 'auto';
    read.set(visit, scrollY);
    try { sessionStorage.setItem(kept, JSON.stringify([...read].slice(-most))); } catch { /* pages begin at their top */ }
  });
  // A browser may show again what it had kept of a page that was left while another was on its way.
  addEventListener('pageshow', event => { if (event.persisted) stay(); });
  // What is sent may change the next page too.
  addEventListener('submit', () => ahead.clear());
  lookAhead(document.querySelector('nav[data-walk] a[rel=next]'));
})();
