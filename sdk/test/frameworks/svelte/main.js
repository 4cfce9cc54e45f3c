import { mount } from 'svelte';
import { init } from 'playhead';
import { options } from '../options.js';
import Shop from './Shop.svelte';

init(options());
mount(Shop, { target: document.querySelector('#app') });
