/** The page at a desk and on a phone, dark and light: nothing wider than the window, nothing jumps while numbers change. */
import { expect, test } from './station.ts';

const sizes = [
  { name: 'desk', width: 1440, height: 900 },
  { name: 'phone', width: 390, height: 844 },
];

for (const { name, ...viewport } of sizes) {
  for (const colorScheme of ['dark', 'light'] as const) {
    test(`${name}, ${colorScheme}`, async ({ station }) => {
      const { page } = station;
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await station.run();
      await station.goesOn(30);
      const width = await page.evaluate(() => ({
        window: document.documentElement.clientWidth,
        page: document.documentElement.scrollWidth,
      }));
      expect(width.page, 'no sideways scrolling').toBeLessThanOrEqual(width.window);
      const wider = await page.evaluate(() =>
        [...document.querySelectorAll('button, input, select, h1, h2, h3, p')]
          .filter((element) => {
            const box = element.getBoundingClientRect();
            return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(element);
            function scrolls(of: Element): boolean {
              for (let up = of.parentElement; up !== null; up = up.parentElement)
                if (up.scrollWidth > up.clientWidth && getComputedStyle(up).overflowX !== 'visible') return true;
              return false;
            }
          })
          .map((element) => `${element.tagName} ${element.textContent?.slice(0, 40)}`),
      );
      expect(wider, 'controls outside the window').toEqual([]);
      const shift = await page.evaluate(
        () =>
          new Promise<number>((done) => {
            let sum = 0;
            new PerformanceObserver((list) => {
              for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
            }).observe({ type: 'layout-shift' });
            setTimeout(() => done(sum), 2500);
          }),
      );
      expect(shift, 'layout shift while numbers change').toBeLessThan(0.001);
    });
  }
}
