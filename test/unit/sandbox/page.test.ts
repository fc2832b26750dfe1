import { existsSync } from 'node:fs';
import { PDFDocument } from '@cantoo/pdf-lib';
import { type Browser, type Page, chromium } from 'playwright-core';
import { type Running, ask, running, sms } from './running';
import { signOn } from './sftpClient';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const kari = { name: 'Kari Eksempelsen', email: 'kari@example.org', phone: '+4740000012' };
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
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

		test('shows a letter with the window drawn on it, and sends it back', async () => {
			const client = await signOn(box);
			const pdf = await PDFDocument.create();
			pdf.addPage([595, 842]).drawText('Kjære Kari');
			await client.upload('/in/1.pdf', Buffer.from(await pdf.save()));
			await client.upload(
				'/in/brev.csv',
				`id;name;line1;postalCode;city;file\n1;${cell(`Kari ${nasty}`)};Storgata 1;0161;OSLO;1.pdf\n`,
			);
			await box.world.print.settled();
			client.close();
			await ask('POST', `${box.url}/clock`, { forwardMs: 300_000 });
			await page.getByRole('button', { name: /✉ brev/ }).click();
			await page
				.locator('#letters')
				.getByRole('button', { name: /brev.*til trykk/ })
				.click();
			await page.waitForFunction(() => {
				const image = document.querySelector<HTMLImageElement>('.pages img');
				return (image?.naturalWidth ?? 0) > 100;
			});
			await page.getByRole('button', { name: 'Ny adresse' }).click();
			await ask('POST', `${box.url}/clock`, { forwardMs: 20 * 86_400_000 });
			await page.locator('.history').getByText('Nyveien 1, 0150 OSLO').waitFor();
			await page.getByRole('tab', { name: 'Trykkeri' }).click();
			await page.locator('#view-post').getByText('1 i retur').waitFor();
		});

		test('rings somebody, who says yes; not at night', async () => {
			const noon = (Math.floor(Date.now() / 86_400_000) + 1) * 86_400_000 + 11 * 3_600_000;
			const untilTuesday = ((9 - new Date(noon).getUTCDay()) % 7) * 86_400_000;
			box.world.clock.turnTo(noon + untilTuesday - Date.now());
			const client = await signOn(box);
			await client.upload(
				'/calls/in/liste.csv',
				`ref;phone;firstName;lastName;script\n1;${kari.phone};Kari;Eksempelsen;${cell(`Vil du ${nasty}?`)}\n`,
			);
			client.close();
			await page.getByRole('tab', { name: 'Ringeliste' }).click();
			await page.getByRole('button', { name: 'Kari Eksempelsen' }).click();
			await page.getByText('Vil du <img').waitFor();
			await page.getByRole('button', { name: 'Svarer ikke' }).click();
			await page.locator('.history').getByText('Svarer ikke').waitFor();
			await ask('POST', `${box.url}/clock`, { forwardMs: 12 * 3_600_000 });
			await page.getByRole('button', { name: 'Ja', exact: true }).click();
			await page.getByText(/Det er ikke lov å ringe nå/).waitFor();
			await ask('POST', `${box.url}/clock`, { forwardMs: 12 * 3_600_000 });
			await page.getByRole('button', { name: 'Ja', exact: true }).click();
			await page.locator('.history').getByText('Ja 200 kr monthly').waitFor();
			expect(box.world.files.list('/calls/out')).toHaveLength(2);
		});

		test('gives by Vipps and by bank, and pays back', async () => {
			await page.getByRole('searchbox').fill('Kari');
			await page.getByRole('button', { name: /Kari Eksempelsen/ }).click();
			const wallet = page.locator('#wallet');
			await wallet.getByText('0 betalinger').first().click();
			await wallet.getByLabel('Kroner').first().fill('150,50');
			await wallet.getByLabel('Melding').first().fill(`Hei ${nasty}`);
			await wallet.getByRole('button', { name: 'Gi', exact: true }).click();
			await wallet.getByText('«Hei <img').waitFor();
			await page.getByRole('tab', { name: 'Vipps og bank' }).click();
			await page.locator('#view-gifts').getByRole('button', { name: 'Betal tilbake' }).click();
			await page.locator('#view-gifts').getByText('150,50 kr betalt tilbake').waitFor();
			expect(box.world.vipps.money.payments.get(1)).toMatchObject({ amountOre: 15_050, refundedOre: 15_050 });
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
