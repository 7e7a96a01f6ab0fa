// Pictures from models that answer with pictures.
import {App} from './app.js';
import {paint} from './paint.js';

const app = new App({name: 'cartoon', fits: ({answers}) => answers === 'picture', draw: paint});
app.start();
