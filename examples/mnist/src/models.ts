import * as mx from '@mlx/core';
import * as nn from '@mlx/nn';
import { imageSize } from './data';

/** 784 - 256 - 256 - 10. */
export class MLP extends nn.Module {
  layers = [new nn.Linear(imageSize * imageSize, 256), new nn.Linear(256, 256)];
  output = new nn.Linear(256, 10);

  forward(x: mx.array): mx.array {
    return this.output(this.layers.reduce((y, layer) => nn.relu(layer(y)), x));
  }
}

/** Two 5x5 convolutions of 16 and 32 channels, each with 2x2 pooling, and a linear layer. */
export class CNN extends nn.Module {
  convolutions = [new nn.Conv2d(1, 16, 5, 1, 2), new nn.Conv2d(16, 32, 5, 1, 2)];
  pool = new nn.MaxPool2d(2);
  output = new nn.Linear(7 * 7 * 32, 10);

  forward(x: mx.array): mx.array {
    let y = x.reshape(-1, imageSize, imageSize, 1);
    for (const convolution of this.convolutions) y = this.pool(nn.relu(convolution(y)));
    return this.output(mx.flatten(y, 1));
  }
}

export type Classifier = MLP | CNN;
