namespace Fovea.Models;

/// <summary>The networks Fovea knows. Adding one is a folder with a <see cref="Network"/> and a line here.</summary>
public static class Architectures
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        new("resnet18", (classes, flow) => new ResNet18(classes, flow), 224, 256, "layer4"),
        new("mobilenet_v2", (classes, flow) => new MobileNetV2(classes, flow), 224, 256, "features.18"),
        new("small_cnn", (classes, flow) => new SmallCnn(classes, flow), 64, null, "block4"),
    ];

    /// <summary>The architecture of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message lists those there are.</exception>
    public static Architecture Get(string name) => All.FirstOrDefault(a => a.Name == name) ?? throw FoveaException.BadConfiguration(
        $"No architecture '{name}'. There are: {string.Join(", ", All.Select(a => a.Name))}.");

    /// <summary>A new network; the caller owns it.</summary>
    /// <exception cref="FoveaException">No such architecture.</exception>
    public static Network Create(string name, int classCount, GradientFlow flow) => Get(name).Create(classCount, flow);
}
