// Everything that is published, and which apps can use it.
import {bytes, element, head, table} from './dom.js';
import {shelf} from './shelf.js';

head('index');
const main = document.querySelector('main');

try {
  const {files, left_out: leftOut, unreadable, runtimes} = await shelf();
  const names = [...new Set(files.map(({name}) => name))];
  const items = names.map((name) => {
    const own = files.filter((file) => file.name === name);
    const links = own.map(({target, scheme, bytes: size}) => {
      const variant = `${target}-${scheme}`;
      const query = new URLSearchParams({model: name, file: variant});
      return element('li', {}, element('a', {href: `model.html?${query}`}, variant), ` ${bytes(size)}`);
    });
    return element('li', {}, element('h3', {}, own[0].title), element('p', {class: 'quiet'}, `${name}, ${own[0].task}`),
      element('ul', {class: 'files'}, ...links));
  });
  main.append(element('h2', {}, 'Published files'), element('p', {}, element('a', {href: '../published/catalogue.html'}, 'Search them'),
    ' by task, license, size, runtime and accuracy.'), element('ul', {class: 'plain'}, ...items));
  if (Object.keys(leftOut).length) {
    main.append(element('h2', {}, 'Not for these apps'), table(['file', 'why'], Object.entries(leftOut)));
  }
  if (Object.keys(unreadable).length) {
    main.append(element('h2', {}, 'Cannot be read'),
      element('p', {}, 'Published by another version, or damaged: ', element('code', {}, 'convert run'), ' publishes them anew.'),
      table(['folder', 'why'], Object.entries(unreadable)));
  }
  main.append(element('h2', {}, 'Runtimes of this browser'), table(['runtime', 'files', ''], runtimes.map(
    ({name, target, lacks}) => [name, target, lacks ? `this browser has no ${lacks}` : 'works'])));
} catch (error) {
  main.append(element('p', {class: 'status bad', role: 'alert'}, error.message));
}
