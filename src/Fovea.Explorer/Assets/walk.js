// Goes from unit to unit within one document: the next page is asked for while this one is looked at, and its main part takes the place of
// this one's. What is shown is the page that the server has at that address; without this script, and wherever anything is out of the
// ordinary, the link is followed as any other.
'use strict';
(() => {
  // A page that was made ahead is shown for so long; after that it is asked for again.
  const fresh = 10_000;
  const content = () => document.getElementById('content');
  const place = url => url.pathname + url.search;

  // What stands round the main part: the head, the keys, the links of the foot. A page with others is opened anew.
  const frame = page => ['header', '#keys ul', '.guide a', 'link[rel=stylesheet]']
    .flatMap(selector => [...page.querySelectorAll(selector)].map(element => element.outerHTML)).join('\n');
  const scripts = page => [...page.querySelectorAll('script[src]')].map(script => script.getAttribute('src'));

  let shown = place(location), turn = 0, ahead = null, settling = 0, entry = history.state?.walk ?? 0;
  const scrolled = new Map();

  async function ask(href) {
    const answer = await fetch(href, { headers: { Accept: 'text/html' } });
    if (!answer.ok || answer.redirected) throw new Error(`${href}: ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const known = new Set(scripts(document));
    if (!page.querySelector('nav[data-walk]') || frame(page) !== frame(document) || !scripts(page).every(script => known.has(script)))
      throw new Error(`${href} is another kind of page`);
    return page;
  }

  function lookAhead() {
    const next = document.querySelector('nav[data-walk] a[rel=next]');
    if (!next || ahead?.href === next.href) return;
    ahead = { href: next.href, at: performance.now(), page: ask(next.href) };
    // Told when the link is followed.
    ahead.page.catch(() => {});
  }

  const take = href => {
    const made = ahead?.href === href && performance.now() - ahead.at < fresh ? ahead.page : ask(href);
    ahead = null;
    return made;
  };

  function show(page, top) {
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
    requestAnimationFrame(() => setTimeout(lookAhead));
  }

  /** Shows the page of an address; moves says what is done to the history just before. */
  async function go(href, moves, top, otherwise) {
    const mine = ++turn;
    content().setAttribute('aria-busy', 'true');
    try {
      const page = await take(href);
      if (mine !== turn) return;
      moves();
      show(page, top);
    } catch {
      // Whatever is wrong, the browser says it, or shows the page in its own way.
      if (mine === turn) otherwise();
    }
  }

  function leave(to) {
    scrolled.set(entry, scrollY);
    entry = to;
  }

  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('nav[data-walk] a[rel=next], nav[data-walk] a[rel=prev]') : null;
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href, () => {
      history.scrollRestoration = 'manual';
      leave(Date.now() + Math.random());
      history.pushState({ walk: entry }, '', link.href);
    }, 0, () => location.assign(link.href));
  });

  addEventListener('popstate', event => {
    // Of two addresses that differ after '#' alone the browser goes to the place by itself.
    if (place(location) === shown) {
      [turn, entry] = [turn + 1, event.state?.walk ?? entry];
      content().removeAttribute('aria-busy');
      return;
    }
    leave(event.state?.walk ?? 0);
    go(location.href, () => {}, scrolled.get(entry) ?? 0, () => location.reload());
  });

  // Opened once more from elsewhere, the browser finds the place as on any page.
  addEventListener('pagehide', () => { history.scrollRestoration = 'auto'; });
  // What is sent may change the next page too.
  addEventListener('submit', () => { ahead = null; });
  if (document.querySelector('nav[data-walk]')) lookAhead();
})();
