using static TorchSharp.torch.nn;

namespace Fovea.Models;

/// <summary>
/// ResNet-18 (He et al. 2015, table 1), the paper's first network (section 6, figure 3). Parameters named as in torchvision.
/// <c>layer1</c> … <c>layer4</c> have 64, 128, 256, 512 channels at 1/4, 1/8, 1/16, 1/32 of the input's size.
/// </summary>
public sealed class ResNet18 : Network
{
    /// <summary>A network with TorchSharp's random weights; see <see cref="Network.Initialise"/> for reproducible ones.</summary>
    public ResNet18(int classCount, GradientFlow flow) : base("resnet18", classCount, flow)
    {
        // A sequence of its own, with its own dispose scope: the stem's tensors are the largest of the network.
        var stem = Sequence.Over(Add("conv1", Conv2d(3, 64, 7, 2, 3, bias: false)), Add("bn1", new BatchNorm(64)), Add("relu", flow.Relu()), Add("maxpool", flow.Pool(3, 2, 1)));
        Complete(
            stem,
            Add("layer1", Stage(64, 64, 1, flow)),
            Add("layer2", Stage(64, 128, 2, flow)),
            Add("layer3", Stage(128, 256, 2, flow)),
            Add("layer4", Stage(256, 512, 2, flow)),
            Add("avgpool", AdaptiveAvgPool2d(1)),
            Reshape.Flatten(),
            Add("fc", Linear(512, classCount)));
    }

    private static Sequence Stage(int inputs, int outputs, int stride, GradientFlow flow) =>
        new(new BasicBlock(inputs, outputs, stride, flow), new BasicBlock(outputs, outputs, 1, flow));
}
