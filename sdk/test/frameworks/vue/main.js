import { createApp } from 'vue';
import { captureException, init } from 'playhead';
import { options } from '../options.js';
import Shop from './Shop.vue';

init(options());
const app = createApp(Shop);
app.config.errorHandler = (error, instance, info) => { captureException(error, { context: { info } }); };
app.mount('#app');
