using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// The paper's modification of a network (sections 5.1 and 6.1), which lets gradients reach every pixel: max-pooling passes no gradient to the
/// values that are not the maximum, ReLU none to negative values. Average pooling and LeakyReLU have no parameters, so weights carry over.
/// </summary>
/// <param name="AveragePooling">Max-pooling layers become average pooling of the same window, stride and padding (padding counts as zeros).</param>
/// <param name="LeakySlope">0: ReLU and ReLU6 as they are; otherwise both become LeakyReLU with this slope below zero.</param>
public sealed record GradientFlow(bool AveragePooling, double LeakySlope)
{
    /// <summary>The network as published.</summary>
    public static GradientFlow Standard { get; } = new(false, 0);

    /// <summary>The paper's: average pooling and LeakyReLU(0.01).</summary>
    public static GradientFlow Modified { get; } = new(true, 0.01);

    internal Module<Tensor, Tensor> Relu() => LeakySlope == 0 ? ReLU() : new LeakyRelu(LeakySlope);

    internal Module<Tensor, Tensor> Relu6() => LeakySlope == 0 ? ReLU6() : new LeakyRelu(LeakySlope);

    internal Module<Tensor, Tensor> Pool(int window, int stride, int padding) =>
        AveragePooling ? AvgPool2d(window, stride, padding) : MaxPool2d(window, stride, padding);
}
