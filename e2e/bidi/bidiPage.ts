/**
 * One page over WebDriver BiDi: what a test does with it, and what it complained about (console, exceptions, CSP).
 * Each page is a window with storage of its own, because a page behind another is hidden and Weir's demo stops there.
 */
import type { BrowsingContext, Commands, Event, Script } from 'webdriver-bidi-protocol';
import type { BidiConnection } from './bidiConnection.ts';

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

export class BidiPage {
  /** A test that provokes complaints empties it. */
  readonly complaints: string[] = [];
  readonly #bidi: BidiConnection;
  readonly #userContext: string;
  readonly #context: string;
  readonly #silence: () => void;

  private constructor(bidi: BidiConnection, userContext: string, context: string) {
    this.#bidi = bidi;
    this.#userContext = userContext;
    this.#context = context;
    this.#silence = bidi.onEvent((event) => this.#listen(event));
  }

  static async create(bidi: BidiConnection, size: PageSize): Promise<BidiPage> {
    const { userContext } = await bidi.send('browser.createUserContext', {});
    const { context } = await bidi.send('browsingContext.create', { type: 'window', userContext });
    const page = new BidiPage(bidi, userContext, context);
    await bidi.send('session.subscribe', {
      events: ['log.entryAdded', 'input.fileDialogOpened'],
      contexts: [context],
    });
    await bidi.send('script.addPreloadScript', { functionDeclaration: String(tellViolations), contexts: [context] });
    await page.resize(size);
    return page;
  }

  async close(): Promise<void> {
    this.#silence();
    await this.#bidi.send('browser.removeUserContext', { userContext: this.#userContext });
  }

  async resize(viewport: PageSize): Promise<void> {
    await this.#bidi.send('browsingContext.setViewport', { context: this.#context, viewport });
  }

  async goto(url: string): Promise<void> {
    await this.#bidi.send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** Runs a function in the page; what it takes and gives travels as JSON. */
  async evaluate<R, A = undefined>(run: (given: A) => R | Promise<R>, given?: A): Promise<R> {
    const answer = await this.#bidi.send('script.callFunction', {
      functionDeclaration: `async (given) => JSON.stringify((await (${String(run)})(JSON.parse(given))) ?? null)`,
      arguments: [{ type: 'string', value: JSON.stringify(given ?? null) }],
      awaitPromise: true,
      userActivation: true,
      target: { context: this.#context },
    });
    return JSON.parse(textOf(answer)) as R;
  }

  /** Presses and releases the mouse in the middle of the one element that `selector` finds. */
  async click(selector: string): Promise<void> {
    await this.#press(await this.#element({ type: 'css', value: selector }));
  }

  /** The one button with this text, which holds no double quotes. */
  async clickButton(text: string): Promise<void> {
    await this.#press(await this.#element({ type: 'xpath', value: `//button[normalize-space()="${text}"]` }));
  }

  async #press(element: Script.SharedReference): Promise<void> {
    await this.#bidi.send('script.callFunction', {
      functionDeclaration: '(element) => element.scrollIntoView({ block: "center", behavior: "instant" })',
      arguments: [element],
      awaitPromise: false,
      target: { context: this.#context },
    });
    await this.#bidi.send('input.performActions', {
      context: this.#context,
      actions: [
        {
          type: 'pointer',
          id: 'mouse',
          actions: [
            { type: 'pointerMove', x: 0, y: 0, origin: { type: 'element', element } },
            { type: 'pointerDown', button: 0 },
            { type: 'pointerUp', button: 0 },
          ],
        },
      ],
    });
  }

  /** Chooses files in the dialog that `open` brings up. */
  async chooseFiles(files: readonly string[], open: () => Promise<void>): Promise<void> {
    let stop = () => {};
    const opened = new Promise<Script.SharedReference>((resolve) => {
      stop = this.#bidi.onEvent((event) => {
        if (event.method !== 'input.fileDialogOpened' || event.params.context !== this.#context) return;
        if (event.params.element !== undefined) resolve(event.params.element);
      });
    });
    await open();
    const element = await opened;
    stop();
    await this.#bidi.send('input.setFiles', { context: this.#context, element, files: [...files] });
  }

  /** A PNG of the viewport, or of one element. */
  async screenshot(selector?: string): Promise<Buffer> {
    const { data } = await this.#bidi.send('browsingContext.captureScreenshot', {
      context: this.#context,
      ...(selector === undefined
        ? {}
        : { clip: { type: 'element', element: await this.#element({ type: 'css', value: selector }) } }),
    });
    return Buffer.from(data, 'base64');
  }

  async #element(locator: BrowsingContext.Locator): Promise<Script.SharedReference> {
    const { nodes } = await this.#bidi.send('browsingContext.locateNodes', { context: this.#context, locator });
    const sharedId = nodes[0]?.sharedId;
    if (nodes.length !== 1 || sharedId === undefined)
      throw new Error(`${nodes.length} elements are ${JSON.stringify(locator)}`);
    return { sharedId };
  }

  #listen(event: Event): void {
    if (event.method !== 'log.entryAdded' || event.params.source.context !== this.#context) return;
    if (event.params.level === 'error') this.complaints.push(`${event.params.type}: ${event.params.text}`);
  }
}

/** Runs in the page, before its own scripts. */
function tellViolations(): void {
  document.addEventListener('securitypolicyviolation', (event) =>
    console.error(`CSP ${event.violatedDirective}: ${event.blockedURI}`),
  );
}

function textOf(answer: Commands['script.callFunction']['returnType']): string {
  if (answer.type === 'exception') throw new Error(`In the page: ${answer.exceptionDetails.text}`);
  if (answer.result.type !== 'string') throw new Error(`The page gave ${answer.result.type}, not text.`);
  return answer.result.value;
}
