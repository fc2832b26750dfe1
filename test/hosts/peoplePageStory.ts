/** What an admin does on the page of people on journeys, in a headless Chromium that runs no scripts. The same on both hosts. */
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';

export const login = { username: 'kari', password: 'fire vanlige ord her' };

export interface PeoplePage {
	page: Page;
	/** What the browser's console complained about. */
	complaints: string[];
	close(): Promise<void>;
}

/** The page, opened by somebody who knows the password. Without JavaScript: the page may not need it. */
export async function openPeoplePage(url: string, locale = 'en-US', scripts = false): Promise<PeoplePage> {
	const browser: Browser = await chromium.launch({
		executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
	});
	const context: BrowserContext = await browser.newContext({
		viewport: { width: 1280, height: 800 },
		locale,
		httpCredentials: login,
		javaScriptEnabled: scripts,
	});
	const page = await context.newPage();
	const complaints: string[] = [];
	page.on('pageerror', (error) => complaints.push(error.message));
	page.on('console', (message) => {
		if (message.type() === 'error') complaints.push(message.text());
	});
	await page.goto(url);
	return { page, complaints, close: () => browser.close() };
}

/** The numbers of a step in the overview: waiting, moving, stuck, stranded, unknown. */
export async function countsOf(page: Page, step: string): Promise<number[]> {
	const row = page.locator('tbody tr', { has: page.getByRole('link', { name: step, exact: true }) });
	// One by one: reading them all together would run a script in the page, which it does not let anybody.
	const cells = row.locator('td.n');
	const counts: number[] = [];
	for (let i = 0; i < (await cells.count()); i++) counts.push(Number(await cells.nth(i).innerText()));
	return counts;
}

/** From the overview: all who are stuck at the step are tried again. @returns what the page says about it. */
export async function tryAllAgain(
	page: Page,
	step: string,
	words = { all: /^all /, again: 'Retry…', yes: 'Yes, retry' },
): Promise<string> {
	const row = page.locator('tbody tr', { has: page.getByRole('link', { name: step, exact: true }) });
	await row.locator('a.stuck').click();
	await page.getByRole('radio', { name: words.all }).check();
	await page.getByRole('button', { name: words.again }).click();
	await page.getByRole('button', { name: words.yes }).click();
	return await page.getByRole('status').innerText();
}

/** A browser that brings the right password to a form on a page of somebody else's, with a ticket that is good. */
export async function forge(url: string, ticket: string): Promise<number> {
	const opened = await openPeoplePage('about:blank', 'en-US', true);
	try {
		const form = `<form method="post" action="${url}"><input name="ticket" value="${ticket}"><input name="do" value="agreed"><input name="reason" value="forged"><button>Win</button></form>`;
		await opened.page.goto(`data:text/html,${encodeURIComponent(form)}`);
		const [answer] = await Promise.all([
			opened.page.waitForResponse(
				(response) => response.request().method() === 'POST' && response.status() !== 401,
			),
			opened.page.getByRole('button', { name: 'Win' }).click(),
		]);
		return answer.status();
	} finally {
		await opened.close();
	}
}

export const basic = (userName: string, password: string) =>
	`Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;
