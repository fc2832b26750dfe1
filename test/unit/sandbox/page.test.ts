import { existsSync } from 'node:fs';
import { type Browser, type Page, chromium } from 'playwright-core';
import { type Running, ask, running, sms } from './running';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const kari = { name: 'Kari Eksempelsen', email: 'kari@example.org', phone: '+4740000012' };
const nasty = '<img src=x onerror="document.title=1">';

if (!existsSync(executablePath)) {
	test("the sandbox's page is NOT checked: there is no Chromium", () => {
		console.warn(`No Chromium at ${executablePath}; set CHROMIUM to where it is.`);
	});
} else {
	describe("the sandbox's page", () => {
		let box: Running;
		let browser: Browser;
		let page: Page;
		const complaints: string[] = [];
		beforeAll(async () => {
			browser = await chromium.launch({
				executablePath,
				args: [
					'--no-sandbox',
					'--disable-gpu',
					'--disable-background-networking',
					'--disable-component-update',
					'--disable-sync',
				],
			});
		});
		afterAll(() => browser.close());
		beforeEach(async () => {
			box = await running();
			box.world.people.know(kari);
			complaints.length = 0;
			page = await browser.newPage();
			page.on('pageerror', (error) => complaints.push(error.message));
			page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
			await page.goto(box.url);
		});
		afterEach(async () => {
			await page.close();
			await box.close();
			expect(complaints).toEqual([]);
		});
		const mail = async () => {
			const { data } = await box.subscribers('POST', '/subscriberlists', { title: 'Nye' });
			await box.subscribers('POST', `/subscribers/bulkinsert?subscriber_list_id[]=${data.id}`, [
				{ email: kari.email, firstname: 'Kari' },
			]);
			await box.newsletters('POST', '/newsletters/5/send', { list_ids: [data.id] });
		};

		test('shows an SMS as soon as it comes, as text, and carries the reply', async () => {
			await ask('POST', `${box.url}/link/profile`, { moUrl: `${box.hears.url}/inn` });
			await box.link('POST', '/sms/v1/messages', [sms(kari.phone, `Svar JA ${nasty}`)]);
			await page.getByText('Svar JA <img').first().waitFor();
			expect(await page.locator('.bubbles img').count()).toBe(0);
			await page.getByRole('button', { name: 'JA', exact: true }).click();
			await page.locator('.mine').getByText('JA').waitFor();
			expect(JSON.parse(box.hears.heard[0]?.body ?? '{}').reply).toMatchObject({
				sender: kari.phone,
				text: 'JA',
			});
		});

		test('counts one open when a mail is shown, and a click on its link', async () => {
			await mail();
			await page.getByRole('button', { name: /Velkommen, Kari!.*uåpnet/ }).click();
			await page.locator('.mail header').getByText('åpnet 1×').waitFor();
			const popup = page.waitForEvent('popup');
			await page.frameLocator('.mail iframe').getByText('Finn lokallaget ditt').click();
			await (await popup).getByText('Klikket er registrert').waitFor();
			await page.locator('.mail header').getByText('klikket 1×').waitFor();
			await page.getByRole('button', { name: 'Meld av' }).click();
			await page.locator('.mail header').getByText('avmeldt').waitFor();
			expect(box.world.counters()).toMatchObject({ mails: 1, opens: 1, clicks: 1, unsubscribes: 1 });
		});

		test('turns the clock', async () => {
			const before = box.world.clock.offset();
			await page.getByRole('button', { name: '+5 dager' }).click();
			await page.getByText('5 d frem').waitFor();
			expect(box.world.clock.offset() - before).toBe(5 * 86_400_000);
		});

		test('orders a fault and calls it off, in English', async () => {
			await page.getByRole('button', { name: 'English' }).click();
			await page.getByRole('tab', { name: 'Faults' }).click();
			await page.getByRole('button', { name: 'Order' }).click();
			await page.getByRole('button', { name: 'Call off' }).waitFor();
			expect(box.world.faults.list()).toMatchObject([{ provider: 'link', kind: '429', next: 1 }]);
			await page.getByRole('button', { name: 'Call off' }).click();
			await page.getByText('No faults are ordered.').waitFor();
		});
	});
}
