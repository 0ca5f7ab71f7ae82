namespace Fovea.Tests.Shared;

/// <summary>Programs whose images are not apart from each other, or whose values are no numbers.</summary>
internal static class MixedPrograms
{
    /// <summary>Half of the batch's mean is taken away: relu(c - mean(c) / 2) of a convolution c, and its mean over positions.</summary>
    /// <param name="batch">Images at a time; -1: any.</param>
    /// <param name="side">Pixels of the images' sides.</param>
    /// <param name="channels">Of the convolution: numbers in an answer.</param>
    public static ProgramFile OverBatch(long batch, int side = 8, int channels = 6)
    {
        var p = new ProgramFile();
        ProgramFile.Name x = Convolution(p, batch, side, channels);
        ProgramFile.Name mean = p.Step("aten.mean.dim", "mean", [1, channels, side, side], "", ("self", x), ("dim", new[] { 0L }), ("keepdim", true));
        mean = p.Step("aten.mul.Tensor", "mul", [1, channels, side, side], "", ("self", mean), ("other", 0.5));
        x = p.Step("aten.sub.Tensor", "sub", [batch, channels, side, side], "", ("self", x), ("other", mean));
        x = p.Step("aten.relu.default", "relu", [batch, channels, side, side], "relu", ("self", x));
        p.Output(p.Step("aten.mean.dim", "pooled", [batch, channels], "", ("self", x), ("dim", new[] { 2L, 3 })));
        return p;
    }

    /// <summary>
    /// Two images stand in one row among the channels of a convolution with two groups of the same weights, as one with kernels for each
    /// image does it; then ReLU and the mean over positions.
    /// </summary>
    public static ProgramFile InOneRow()
    {
        var p = new ProgramFile();
        float[] half = SmallPrograms.Numbers(216, 1);
        ProgramFile.Name weight = p.Parameter("conv.weight", [16, 3, 3, 3], [.. half, .. half]);
        p.Images(2, 3, 8, 8);
        ProgramFile.Name x = p.Step("aten.view.default", "row", [1, 6, 8, 8], "", ("self", new ProgramFile.Name("x")),
            ("size", new[] { 1L, 6, 8, 8 }));
        x = p.Step("aten.conv2d.default", "conv2d", [1, 16, 6, 6], "conv", ("input", x), ("weight", weight), ("bias", null),
            ("stride", new[] { 1L, 1 }), ("padding", new[] { 0L, 0 }), ("dilation", new[] { 1L, 1 }), ("groups", 2));
        x = p.Step("aten.view.default", "rows", [2, 8, 6, 6], "", ("self", x), ("size", new[] { 2L, 8, 6, 6 }));
        x = p.Step("aten.relu.default", "relu", [2, 8, 6, 6], "relu", ("self", x));
        p.Output(p.Step("aten.mean.dim", "pooled", [2, 8], "", ("self", x), ("dim", new[] { 2L, 3 })));
        return p;
    }

    /// <summary>Where a convolution is above 0, its values; their mean over positions.</summary>
    /// <param name="side">Pixels of the images' sides.</param>
    public static ProgramFile Flags(int side)
    {
        var p = new ProgramFile();
        ProgramFile.Name x = Convolution(p, -1, side);
        ProgramFile.Name above = p.Step("aten.gt.Scalar", "gt", [-1, 6, side, side], "", ("self", x), ("other", 0.0));
        p.TypeOf(above, 12);
        above = p.Step("aten.to.dtype", "to", [-1, 6, side, side], "", ("self", above), ("dtype", new ProgramFile.Type(7)));
        x = p.Step("aten.mul.Tensor", "mul", [-1, 6, side, side], "", ("self", x), ("other", above));
        p.Output(p.Step("aten.mean.dim", "pooled", [-1, 6], "", ("self", x), ("dim", new[] { 2L, 3 })));
        return p;
    }

    private static ProgramFile.Name Convolution(ProgramFile p, long batch, int side, int channels = 6)
    {
        ProgramFile.Name weight = p.Parameter("conv.weight", [channels, 3, 1, 1], SmallPrograms.Numbers(3 * channels, 1));
        p.Images(batch, 3, side, side);
        return p.Step("aten.conv2d.default", "conv2d", [batch, channels, side, side], "conv", ("input", new ProgramFile.Name("x")),
            ("weight", weight), ("bias", null));
    }
}
