namespace Fovea.Models.Onnx;

/// <summary>Normalisations.</summary>
internal static partial class OnnxOperators
{
    private static void AddNormalisations()
    {
        Add("BatchNormalization", BatchNormalisation);
        Add("InstanceNormalization", c => c.Rank(c[0]) < 3 ? throw new OnnxRefusedException("its input has no positions")
            : c.Add("instance_norm", new() { ["eps"] = c.Number("epsilon", 1e-5) }, c[0], c[1], c[2]));
        Add("GroupNormalization", GroupNormalisation);
        AddMany("LayerNormalization", LayerNormalisation);
        Add("RMSNormalization", c =>
        {
            int rank = c.Rank(c[0]);
            return c.Add("rms_norm",
                new() { ["count"] = rank - c.Axis(c.Int("axis", -1), rank), ["eps"] = c.Number("epsilon", 1e-5) }, c[0], c[1]);
        });
        Add("LRN", c =>
        {
            long size = c.Int("size"), before = (size - 1) / 2;
            if (size is < 1 or > 1024) throw new OnnxRefusedException($"it is over {size} channels");
            return c.Add("local_response_norm", new()
            {
                ["before"] = before,
                ["after"] = size - 1 - before,
                ["alpha"] = c.Number("alpha", 1e-4),
                ["beta"] = c.Number("beta", 0.75),
                ["k"] = c.Number("bias", 1),
            }, c[0]);
        });
        Add("LpNormalization", c => c.Add(
            "normalise", new() { ["dim"] = c.Axis(c.Int("axis", -1), c.Rank(c[0])), ["order"] = (double)c.Int("p", 2) }, c[0]));
        Add("MeanVarianceNormalization", c =>
        {
            int rank = c.Rank(c[0]);
            return c.Add("standardise", new() { ["dims"] = c.Ints("axes", 0, 2, 3).Select(axis => c.Axis(axis, rank)).ToArray() }, c[0]);
        });
    }

    /// <summary>
    /// With the running statistics, also where the network was exported in training mode: then its evaluation is what is run.
    /// </summary>
    private static OnnxValue BatchNormalisation(OnnxCall c)
    {
        if (c.Version < 9 && c.Int("spatial", 1) == 0)
            throw new OnnxRefusedException("it has statistics for each position, not for each channel");
        if (c.Version >= 14 ? c.Flag("training_mode", false) : c.Version < 7 && !c.Flag("is_test", false)) c.Training();
        return c.Add("batch_norm", new() { ["eps"] = c.Number("epsilon", 1e-5) }, c[0], c[1], c[2], c[3], c[4]);
    }

    /// <summary>Before version 21 a weight and a bias for each group, since then for each channel.</summary>
    private static OnnxValue GroupNormalisation(OnnxCall c)
    {
        long groups = c.Int("num_groups");
        OnnxSize[] sizes = c.SizesOf(c[0]);
        if (sizes.Length < 2 || sizes[1].PerImage || groups < 1 || sizes[1].Count % groups != 0)
            throw new OnnxRefusedException($"its channels are not {groups} groups");
        long each = sizes[1].Count / groups;
        return c.Add("group_norm",
            new() { ["groups"] = groups, ["eps"] = c.Number("epsilon", 1e-5) }, c[0], PerChannel(c[1]), PerChannel(c[2]));

        OnnxValue PerChannel(OnnxValue weight)
        {
            if (c.Version >= 21 || each == 1 && c.SizesOf(weight) is [var own] && own == sizes[1]) return weight;
            OnnxValue columns = c.Add("unsqueeze", new() { ["dim"] = 1L }, weight);
            OnnxValue wide = c.Add("expand", new() { ["shape"] = new[] { groups, each } }, columns);
            return c.Reshape(wide, [sizes[1]]);
        }
    }

    private static OnnxValue[] LayerNormalisation(OnnxCall c)
    {
        int rank = c.Rank(c[0]);
        long count = rank - c.Axis(c.Int("axis", -1), rank);
        double eps = c.Number("epsilon", 1e-5);
        OnnxSize[] last = c.SizesOf(c[0])[^(int)count..];
        bool plain = !Needs(c, 1) && !Needs(c, 2) && last.All(size => !size.PerImage) && c.SizesOf(c[1]).SequenceEqual(last)
            && (!c.Has(2) || c.SizesOf(c[2]).SequenceEqual(last));
        return plain
            ? [c.Add("layer_norm",
                new() { ["shape"] = last.Select(size => size.Count).ToArray(), ["eps"] = eps }, c[0], c[1], c.Optional(2))]
            : c.AddMany("layer_norm_with_statistics", new() { ["count"] = count, ["eps"] = eps }, 3, c[0], c[1], c.Optional(2));
    }
}
