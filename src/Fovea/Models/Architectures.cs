using Fovea.Models.Catalogue;

namespace Fovea.Models;

/// <summary>
/// The networks Fovea knows by name. One more is a file with a graph and a line here, or, in an application, a call of <see cref="Add"/>.
/// </summary>
public static class Architectures
{
    private static readonly Lock Gate = new();
    private static Architecture[] Known =
    [
        new("resnet18", ResNet.Graph18, 224, 256, "layer4"),
        new("resnet34", ResNet.Graph34, 224, 256, "layer4"),
        new("resnet50", ResNet.Graph50, 224, 256, "layer4"),
        new("mobilenet_v2", MobileNetV2.Graph, 224, 256, "features.18"),
        new("googlenet", GoogLeNet.Graph, 224, 256, "inception5b"),
        new("small_cnn", SmallCnn.Graph, 64, null, "block4"),
    ];

    /// <summary>All of them, in the order in which they were added.</summary>
    public static IReadOnlyList<Architecture> All => Known;

    /// <summary>Makes a network known by its name, for recipes and for <see cref="ModelFile"/>.</summary>
    /// <exception cref="FoveaException">The name is taken.</exception>
    public static void Add(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        lock (Gate)
        {
            if (Known.Any(one => one.Name == architecture.Name))
                throw FoveaException.BadConfiguration($"There is an architecture '{architecture.Name}' already.");
            Known = [.. Known, architecture];
        }
    }

    /// <summary>The architecture of this name.</summary>
    /// <exception cref="FoveaException">There is none; the message lists those there are.</exception>
    public static Architecture Get(string name) => Known.FirstOrDefault(a => a.Name == name) ?? throw FoveaException.BadConfiguration(
        $"No architecture '{name}'. There are: {string.Join(", ", Known.Select(a => a.Name))}.");
}
