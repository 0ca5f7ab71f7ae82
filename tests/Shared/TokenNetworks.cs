using Fovea.Models.Graph;

namespace Fovea.Tests.Shared;

/// <summary>
/// Small networks whose layers are tokens, or have their channels last. Images have a side of 32 pixels, grids 4 × 8 positions.
/// </summary>
internal static class TokenNetworks
{
    public const int Height = 4, Width = 8, Channels = 12;

    /// <summary>
    /// A vision transformer (Dosovitskiy et al. 2020): patches of 8 × 4 pixels, tokens before and after them, blocks <c>block0</c>,
    /// <c>block1</c>, and a head on the first token or on the mean of the patches.
    /// </summary>
    /// <param name="before">Tokens before the patches.</param>
    /// <param name="after">Tokens after them.</param>
    /// <param name="classHead">Whether the head reads one token.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="read">Which token it reads then; below 0, from the end.</param>
    public static NetworkGraph Vit(int before = 1, int after = 0, bool classHead = true, int classes = 5, int read = 0)
    {
        var g = new GraphBuilder();
        string x = Patches(g);
        x = g.Apply(Get("flatten"), new() { ["start"] = 2, ["end"] = 3 }, x);
        x = Transposed(g, x, 1, 2);
        List<string> parts = [x];
        if (before > 0) parts.Insert(0, Extra(g, "before", before));
        if (after > 0) parts.Add(Extra(g, "after", after));
        if (parts.Count > 1) x = g.Apply(Operators.Concatenate, new() { ["dim"] = 1 }, parts);
        int tokens = before + Height * Width + after;
        string positions = g.Weight("positions", WeightKind.Parameter, 1, tokens, Channels);
        x = g.Layer("embedded", Operators.Sum, OperatorAttributes.None, x, positions);
        for (int block = 0; block < 2; block++)
        {
            string name = $"block{block}", normed = Norm(g, name + ".norm1", x);
            x = g.Layer(name + ".add", Operators.Sum, OperatorAttributes.None, x, Attention(g, name + ".attention", normed, -1, tokens));
            string wide = Mlp(g, name + ".mlp", Norm(g, name + ".norm2", x));
            x = g.Layer(name, Operators.Sum, OperatorAttributes.None, x, wide);
        }
        x = Norm(g, "norm", x);
        x = classHead
            ? g.Apply(Get("select"), new() { ["dim"] = 1, ["index"] = read }, x)
            : g.Apply(
                Operators.Mean, new() { ["dims"] = new long[] { 1 } },
                    g.Apply(Get("slice"), new() { ["dim"] = 1, ["start"] = before, ["end"] = before + Height * Width }, x));
        return g.Build("small_vit", g.Linear("fc", x, Channels, classes));
    }

    /// <summary>
    /// Channels last and attention in windows (Liu et al. 2021): <c>stage1</c>, 4 × 8, patches merged by two, <c>stage2</c>, 2 × 4, a mean
    /// and a head. <c>turned</c> is <c>stage1</c> with its channels first; where <paramref name="through"/> is set, the network goes on
    /// from it, so that a layer of the usual kind stands in its way and nothing else is changed.
    /// </summary>
    public static NetworkGraph Swin(int classes = 5, bool through = false)
    {
        var g = new GraphBuilder();
        string x = g.Layer("embedded", Get("permute"), new() { ["dims"] = new long[] { 0, 2, 3, 1 } }, Patches(g));
        x = Stage(g, "stage1", x, Height, Width, Channels);
        string turned = g.Layer("turned", Get("permute"), new() { ["dims"] = new long[] { 0, 3, 1, 2 } }, x);
        if (through) x = g.Apply(Get("permute"), new() { ["dims"] = new long[] { 0, 2, 3, 1 } }, turned);
        string[] corners =
            [.. new[] { (0, 0), (1, 0), (0, 1), (1, 1) }.Select(corner => Every(g, Every(g, x, 1, corner.Item1), 2, corner.Item2))];
        x = g.Apply(Operators.Concatenate, new() { ["dim"] = -1 }, corners);
        x = g.Linear("merged", x, 4 * Channels, 2 * Channels);
        x = Stage(g, "stage2", x, Height / 2, Width / 2, 2 * Channels);
        x = g.Apply(Get("permute"), new() { ["dims"] = new long[] { 0, 3, 1, 2 } }, x);
        x = g.Apply(Operators.Flatten, OperatorAttributes.None, g.AveragePositions("pool", x));
        return g.Build("small_swin", g.Linear("fc", x, 2 * Channels, classes));
    }

    /// <summary>
    /// Patches whose channel 0 is the mean of red, 1 of green, 2 of blue, as <c>tokens</c> (one before them), <c>last</c>
    /// <c>[N, H, W, C]</c>, <c>windows</c> <c>[N, windows, 4, C]</c>, and the answer: the largest of each colour.
    /// </summary>
    public static NetworkGraph Colours()
    {
        var g = new GraphBuilder();
        string patches = g.Layer("patches", Operators.AvgPool2d,
            new() { ["kernel"] = new long[] { 8, 4 }, ["stride"] = new long[] { 8, 4 } }, g.Input);
        string tokens = Transposed(g, g.Apply(Get("flatten"), new() { ["start"] = 2, ["end"] = 3 }, patches), 1, 2);
        tokens = g.Layer("tokens", Operators.Concatenate, new() { ["dim"] = 1 }, Extra(g, "class", 1, 3), tokens);
        string last = g.Layer("last", Get("permute"), new() { ["dims"] = new long[] { 0, 2, 3, 1 } }, patches);
        string parts = g.Apply(Get("reshape"), new() { ["shape"] = new long[] { -1, 2, 2, 4, 2, 3 } }, last);
        parts = g.Apply(Get("permute"), new() { ["dims"] = new long[] { 0, 1, 3, 2, 4, 5 } }, parts);
        string windows = g.Layer("windows", Get("reshape"), new() { ["shape"] = new long[] { -1, 8, 4, 3 } }, parts);
        string all = g.Apply(Operators.Concatenate, new() { ["dim"] = 1 }, tokens, Rows(g, last), Rows(g, windows));
        return g.Build("colours", g.Apply(Get("amax"), new() { ["dims"] = new long[] { 1 } }, all));
    }

    private static string Rows(GraphBuilder g, string x) => g.Apply(Get("reshape"), new() { ["shape"] = new long[] { -1, 32, 3 } }, x);

    private static string Patches(GraphBuilder g) => g.Layer("patches", Operators.Conv2d,
        new() { ["kernel"] = new long[] { 8, 4 }, ["stride"] = new long[] { 8, 4 } }, g.Input,
            g.Weight("patches.weight", WeightKind.Parameter, Channels, 3, 8, 4), g.Weight("patches.bias", WeightKind.Parameter, Channels));

    private static string Stage(GraphBuilder g, string name, string x, int height, int width, int channels)
    {
        long[] cut = [-1, height / 2, 2, width / 2, 2, channels], windows = [-1, 4, channels];
        string parts = g.Apply(Get("reshape"), new() { ["shape"] = cut }, Norm(g, name + ".norm1", x, channels));
        parts = g.Apply(Get("permute"), new() { ["dims"] = new long[] { 0, 1, 3, 2, 4, 5 } }, parts);
        parts = g.Layer(name + ".parts", Get("reshape"), new() { ["shape"] = windows }, parts);
        parts = Attention(g, name + ".attention", parts, -1, 4, channels);
        parts = g.Apply(Get("reshape"), new() { ["shape"] = new long[] { -1, height / 2, width / 2, 2, 2, channels } }, parts);
        parts = g.Apply(Get("permute"), new() { ["dims"] = new long[] { 0, 1, 3, 2, 4, 5 } }, parts);
        parts = g.Layer(name + ".windows", Get("reshape"), new() { ["shape"] = new long[] { -1, height, width, channels } }, parts);
        x = g.Add(x, parts);
        string wide = Mlp(g, name + ".mlp", Norm(g, name + ".norm2", x, channels), channels);
        return g.Layer(name, Operators.Sum, OperatorAttributes.None, x, wide);
    }

    private static string Attention(
        GraphBuilder g, string name, string x, long images, long tokens, int channels = Channels)
    {
        string all = g.Linear(name + ".qkv", x, channels, 3 * channels);
        all = g.Apply(Get("reshape"), new() { ["shape"] = new[] { images, tokens, 3, 2, channels / 2 } }, all);
        all = g.Apply(Get("permute"), new() { ["dims"] = new long[] { 2, 0, 3, 1, 4 } }, all);
        string[] parts =
            [.. Enumerable.Range(0, 3).Select(i => g.Apply(Get("select"), new() { ["dim"] = 0, ["index"] = i }, all))];
        string mixed = Transposed(g, g.Apply(Get("scaled_dot_product_attention"), OperatorAttributes.None, parts), 1, 2);
        mixed = g.Apply(Get("reshape"), new() { ["shape"] = new[] { images, tokens, channels } }, mixed);
        return g.Linear(name, mixed, channels, channels);
    }

    private static string Mlp(GraphBuilder g, string name, string x, int channels = Channels) => g.Linear(
        name, g.Layer(name + ".gelu", Get("gelu"), OperatorAttributes.None, g.Linear(name + ".wide", x, channels, 2 * channels)),
            2 * channels, channels);

    private static string Norm(GraphBuilder g, string name, string x, int channels = Channels) => g.Layer(name, Operators.LayerNorm,
        new() { ["shape"] = new long[] { channels } }, x, g.Weight(name + ".weight", WeightKind.Parameter, channels),
            g.Weight(name + ".bias", WeightKind.Parameter, channels));

    /// <summary>Tokens of no position, the same for every image.</summary>
    private static string Extra(GraphBuilder g, string name, int count, int channels = Channels) => g.Apply(Get("expand"),
        new() { ["shape"] = new long[] { 1, count, channels }, ["from"] = new long[] { 1, 0, 0 } },
            g.Weight(name, WeightKind.Parameter, 1, count, channels));

    private static string Every(GraphBuilder g, string x, int dim, int start) =>
        g.Apply(Get("slice"), new() { ["dim"] = dim, ["start"] = start, ["step"] = 2 }, x);

    private static string Transposed(GraphBuilder g, string x, int one, int other) =>
        g.Apply(Get("transpose"), new() { ["dim0"] = one, ["dim1"] = other }, x);

    private static Operator Get(string name) => Operators.Get(name);
}
