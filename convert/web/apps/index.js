// Everything that is published, and which apps can use it.
import {bytes, element, head, table} from './dom.js';
import {shelf} from './shelf.js';

head('index');
const main = document.querySelector('main');

try {
  const {files, left_out: leftOut, runtimes} = await shelf();
  const names = [...new Set(files.map(({name}) => name))];
  const rows = names.map((name) => {
    const own = files.filter((file) => file.name === name);
    const variants = own.flatMap(({target, scheme, bytes: size}) => {
      const variant = `${target}-${scheme}`;
      const link = element('a', {href: `model.html?${new URLSearchParams({model: name, file: variant})}`}, variant);
      return [link, ` ${bytes(size)}  `];
    });
    return [name, own[0].title, own[0].task, element('span', {}, ...variants)];
  });
  main.append(element('h2', {}, 'Published files'), table(['model', 'what it is', 'task', 'files'], rows));
  if (Object.keys(leftOut).length) {
    main.append(element('h2', {}, 'Not for these apps'), table(['file', 'why'], Object.entries(leftOut)));
  }
  main.append(element('h2', {}, 'Runtimes of this browser'), table(['runtime', 'files', ''], runtimes.map(
    ({name, target, lacks}) => [name, target, lacks ? `this browser has no ${lacks}` : 'works'])));
} catch (error) {
  main.append(element('p', {class: 'status bad', role: 'alert'}, error.message));
}
