import { Component, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { captureException, init } from 'playhead';
import { options } from '../options.js';

init(options());

class Boundary extends Component {
  state = {};
  static getDerivedStateFromError() { return { isBroken: true }; }
  componentDidCatch(error, info) { captureException(error, { componentStack: info.componentStack }); }
  render() { return this.state.isBroken ? <p>Caught</p> : this.props.children; }
}

function Total({ cart }) { return <p>{cart.total}</p>; }

function Shop() {
  const [cart, setCart] = useState({ total: 1 });
  return <main><button onClick={() => setCart(undefined)}>Break</button><Total cart={cart} /></main>;
}

createRoot(document.querySelector('#app')).render(<Boundary><Shop /></Boundary>);
