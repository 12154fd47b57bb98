// Looks at the pages of a served demonstration town (make run) as citizens, agents, supervisors and administrators see
// them: wide and at 360 pixels, light and dark. Fails where axe finds something, a page is wider than its screen, or
// one does not answer. It is a gate against what was mended coming back, never a claim of conformity.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const town = process.env.TOWN_URL ?? "http://localhost:8080";
const password = process.env.PASSWORD ?? "";
const browserPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const rules = "/admin/regles/brouillon";
const pages = {
  "": [
    "/", "/demarches", "/demarches/acte-naissance", "/demarches/acte-naissance/demande", "/demande", "/recherche",
    "/recherche?q=jeter+un+canap%C3%A9", "/infos", "/suivi", "/contact", "/accessibilite", "/mentions-legales",
    "/donnees-personnelles", "/connexion",
  ],
  accueil: ["/agent", "/agent/accueil", "/agent/reponse-immediate", "/agent/avis-a-remettre", "/agent/mot-de-passe", "/agent/sessions", "/agent/seconde-verification"],
  responsable: [
    "/agent", "/agent/dossiers?vue=unit", "/agent/dossiers?vue=queue", "/agent/dossiers/echeances?sous=30",
    "/agent/connaissances", "/agent/connaissances/nouveau", "/agent/connaissances/nouveau?type=template",
    "/agent/connaissances/usages", "/elus", "/admin", "/admin/agents", "/admin/deplacer", "/admin/essai",
    "/admin/classement", "/admin/regles", rules, "/admin/echecs",
  ],
  admin: [
    "/admin/comptes", "/admin/partenaires", rules, `${rules}?q=voirie`, `${rules}/regle/1`, `${rules}/regle/nouvelle`, `${rules}/organismes`,
    `${rules}/organismes/nouveau`, `${rules}/essai`, "/admin/regles/versions", "/admin/regles/versions/1",
  ],
};

// Pages that others lead to: the first link of each list.
const deeper = {
  "": [["/infos", "main a[href^='/infos/']"], ["/recherche?q=carte+d%27identit%C3%A9", ".answers a"]],
  responsable: [
    ["/agent/dossiers?vue=unit", "main table a"], ["/agent/connaissances", "main table a"],
    ["/agent/connaissances", "main table a", "a[href$='/historique']"],
  ],
};

// Forms filled in on the way to a page that only they show.
const filled = {
  admin: [
    [`${rules}/regle/nouvelle`, async (page) => {
      const kinds = await page.locator("#c-sorte option").evaluateAll((all) => all.map((one) => one.value));
      for (const kind of kinds.filter(Boolean)) {
        await page.selectOption("#c-sorte", kind);
        await page.click("button[value=ajouter]");
        await page.waitForLoadState();
      }
    }],
    ["/admin/essai", async (page) => {
      await page.fill("#c-texte", "Il y a des rats dans la cour de mon immeuble");
      await page.click("main form button.btn");
      await page.waitForLoadState();
    }],
  ],
};

const screens = [[1280, "light"], [360, "light"], [1280, "dark"]];
let looked = 0;
let wrong = 0;

async function look(page, name) {
  for (const [width, colorScheme] of screens) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) => `${id}: ${help}\n      ${nodes.map((node) => node.html.slice(0, 160)).join("\n      ")}`);
    });
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    if (scrollWidth > clientWidth) found.push(`wider than its screen by ${scrollWidth - clientWidth} pixels`);
    looked += 1;
    wrong += found.length;
    for (const what of found) console.error(`${name} (${width}, ${colorScheme})\n    ${what}`);
  }
}

async function open(page, path) {
  const response = await page.goto(town + path);
  if (response?.status() !== 200) throw new Error(`${path} answered ${response?.status()}`);
}

async function whoever(browser, login) {
  const context = await browser.newContext({ bypassCSP: true, locale: "fr-FR", reducedMotion: "reduce" });
  const page = await context.newPage();
  if (login === "") return page;
  await open(page, "/connexion");
  await page.fill("main input[type=text]", login);
  await page.fill("main input[type=password]", password);
  await page.click("main form button");
  await page.waitForLoadState();
  if (page.url().endsWith("/connexion")) throw new Error(`${login} cannot sign in: give PASSWORD, as make run shows it`);
  return page;
}

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
try {
  for (const login of Object.keys(pages)) {
    const page = await whoever(browser, login);
    const who = login || "anybody";
    for (const path of pages[login]) {
      await open(page, path);
      await look(page, `${who} ${path}`);
    }
    for (const [path, ...links] of deeper[login] ?? []) {
      await open(page, path);
      for (const link of links) {
        const first = page.locator(link).first();
        if ((await first.count()) === 0) break;
        await first.click();
        await page.waitForLoadState();
      }
      await look(page, `${who} ${path} > ${new URL(page.url()).pathname}`);
    }
    for (const [path, fill] of filled[login] ?? []) {
      await open(page, path);
      await fill(page);
      await look(page, `${who} ${path}, filled in`);
    }
  }
} finally {
  await browser.close();
}
console.log(`${looked} looks, ${wrong} things to mend`);
process.exitCode = wrong > 0 ? 1 : 0;
