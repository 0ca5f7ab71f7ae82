using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;

namespace Fovea.Runs.Stages.Features;

/// <summary>The groups of units of a layer: its neurons, then the latents of each of its dictionaries; loaded where they are asked for.</summary>
/// <param name="context">The run.</param>
/// <param name="layer">The layer.</param>
internal sealed class LayerGroups(RunContext context, string layer) : IDisposable
{
    private readonly Dictionary<string, UnitGroup> _open = [];

    /// <summary>Their names, in order.</summary>
    public IReadOnlyList<string> Names { get; } =
        [UnitGroup.NeuronsName, .. context.Settings.Dictionary.Where(one => one.Layer == layer).Select(one => one.Name)];

    /// <summary>All of them.</summary>
    public IReadOnlyList<UnitGroup> All => [.. Names.Select((_, place) => this[place])];

    /// <summary>One of them, by its place.</summary>
    public UnitGroup this[int place]
    {
        get
        {
            string name = Names[place];
            if (_open.TryGetValue(name, out UnitGroup? open)) return open;
            return _open[name] = place == 0 ? UnitGroup.Neurons(layer)
                : UnitGroup.Latents(layer, name, AutoencoderFile.Load(context.Run.Dictionary(layer, name), context.Device));
        }
    }

    /// <summary>So many units a group has, by what the recipe and the network's shapes say.</summary>
    public int UnitsOf(int place)
    {
        int channels = context.Shapes.Of(layer).Channels;
        return place == 0 ? channels
            : context.Settings.Dictionary.First(one => one.Layer == layer && one.Name == Names[place]).Options.LatentsFor(channels);
    }

    public void Dispose()
    {
        foreach (UnitGroup group in _open.Values) group.Autoencoder?.Dispose();
    }
}
