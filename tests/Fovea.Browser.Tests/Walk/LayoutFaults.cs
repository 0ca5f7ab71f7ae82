using Microsoft.Playwright;

namespace Fovea.Browser.Tests.Walk;

/// <summary>What a person would see at once on a page and no validator does: things that stick out, are cut, broken over lines or empty.</summary>
internal static class LayoutFaults
{
    // Overlaps are looked for among the words of one part of a page: what lies over a picture lies there on purpose.
    private const string Look = """
        () => {
          const faults = [], root = document.documentElement;
          const kind = element => `${element.tagName.toLowerCase()}${element.id ? '#' + element.id : ''}.${[...element.classList].join('.')}`;
          const name = element => `${kind(element)} '${element.textContent.trim().slice(0, 40)}'`;
          const numbers = 'dd, td.num, .bar-value, .magnitude, .example-value, .live-cell li span, .pair-cosine strong';
          const scrolls = 'input, select, textarea, pre, .scroll, [role=region]';
          const worded = 'h1, h2, h3, h4, p, dt, dd, th, td, label, figcaption, button, summary, li > a, .setting';
          const seen = element => element.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }) ?? true;
          if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth - root.clientWidth} px too wide`);
          for (const number of document.querySelectorAll(numbers)) {
            if (!seen(number) || !/^[−+-]?[0-9]/.test(number.textContent.trim()) || number.textContent.trim().length > 24) continue;
            const range = document.createRange();
            range.selectNodeContents(number);
            const lines = new Set([...range.getClientRects()].filter(box => box.width > 0).map(box => Math.round(box.bottom / 4)));
            if (lines.size > 1 && !number.querySelector('small')) faults.push(`a number over ${lines.size} lines: ${name(number)}`);
          }
          for (const element of document.querySelectorAll('main *')) {
            if (!seen(element)) continue;
            const words = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
            const hides = getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
            if (words && hides && !element.matches(scrolls))
              faults.push(`cut: ${name(element)}`);
            if (element.matches('section, .figure, .card, .tile') && !element.textContent.trim() && !element.querySelector('img, svg, canvas'))
              faults.push(`empty: ${name(element)}`);
          }
          const words = [...document.querySelectorAll(`main :is(${worded})`)]
            .filter(element => seen(element) && element.textContent.trim())
            .filter(element => !element.closest('.overlay-frame, dialog, .tour, svg, [aria-live]'));
          const shared = (from, to, otherFrom, otherTo) => Math.min(to, otherTo) - Math.max(from, otherFrom);
          const meet = (a, b) => shared(a.left, a.right, b.left, b.right) > 3 && shared(a.top, a.bottom, b.top, b.bottom) > 6;
          const boxes = words.map(element => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return [...range.getClientRects()].filter(box => box.width > 2 && box.height > 2);
          });
          for (let i = 0; i < words.length; i++) {
            for (let j = i + 1; j < Math.min(words.length, i + 40); j++) {
              if (words[i].contains(words[j]) || words[j].contains(words[i])) continue;
              if (boxes[i].some(a => boxes[j].some(b => meet(a, b))))
                faults.push(`over one another: ${name(words[i])} and ${name(words[j])}`);
            }
          }
          return faults.slice(0, 12);
        }
        """;

    /// <summary>What is wrong, a sentence each.</summary>
    public static Task<string[]> FindAsync(IPage page) => page.EvaluateAsync<string[]>(Look);
}
