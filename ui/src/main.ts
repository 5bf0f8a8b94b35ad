import './lib/locale';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './tokens.css';
import './kit.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { host } from './lib/host';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element #app');

mount(App, { target, props: { host } });
