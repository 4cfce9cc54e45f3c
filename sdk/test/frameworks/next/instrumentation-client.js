import { init } from 'playhead';
import { options } from '../options.js';

init(options());
