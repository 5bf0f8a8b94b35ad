/**
 * Under the locale C, WebKit says that the user's language is `C`, which is none: whoever hands it on to `Intl` fails
 * while the page loads. Imported before everything else, this says English then.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
