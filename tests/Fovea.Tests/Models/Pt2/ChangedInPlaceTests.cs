using Fovea.Models;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Pt2;

/// <summary>What may have been changed in place in a way that is not known is refused when it is read afterwards, and nothing else is.</summary>
public sealed class ChangedInPlaceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("fovea-changed-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_view_of_what_was_changed_in_place_is_refused_when_it_is_read_afterwards()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")));
        ProgramFile.Name half = p.Step("aten.slice.Tensor", "half", [-1, 1, 8, 8], "", ("self", y), ("dim", 1), ("start", 0), ("end", 1));
        ProgramFile.Name other = p.Step("aten.contiguous.default", "other", [-1, 3, 8, 8], "", ("self", y));
        // Of the whole it is known what stands in it then, of what may be a copy of it, it is not.
        p.Step("aten.mul_.Tensor", "changed", [-1, 1, 8, 8], "scale", ("self", half), ("other", 2.0));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", other), ("dim", new[] { 2L, 3 })));
        Assert.Contains("in place (changed in scale)", Refused(p), StringComparison.Ordinal);
    }

    /// <summary>A view from before a change is not known any more; written to, it changes what it is a view of all the same.</summary>
    [Fact]
    public void What_a_forgotten_view_is_changed_by_is_refused_when_it_is_read_afterwards()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")));
        ProgramFile.Name seen = p.Step("aten.flatten.using_ints", "seen", [-1, 3, 64], "", ("self", y), ("start_dim", 2));
        p.Step("aten.mul_.Tensor", "changed", [-1, 3, 8, 8], "scale", ("self", y), ("other", 2.0));
        p.Step("aten.fill_.Scalar", "filled", [-1, 3, 64], "fill", ("self", seen), ("value", 0.5));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", y), ("dim", new[] { 2L, 3 })));
        Assert.Contains("in place (changed in scale)", Refused(p), StringComparison.Ordinal);
    }

    [Theory]
    // Views that cannot be written through, and views that nobody knows here, changed in place; by a step whose twin reads what was there,
    // and by one that does not.
    [InlineData("aten.diagonal.default", "aten.mul_.Tensor", "in place (changed in scale)")]
    [InlineData("aten.contiguous.default", "aten.mul_.Tensor", "in place (changed in scale)")]
    [InlineData("aten.as_strided.default", "aten.zero_.default", "aten.as_strided.default in the network itself")]
    [InlineData("aten.nothing_known.default", "aten.relu_.default", "aten.nothing_known.default in the network itself")]
    [InlineData("torch.ops.mine.peek.default", "aten.relu_.default", "mine.peek.default in the network itself")]
    // An unknown step in place, and steps that give nothing back.
    [InlineData(null, "aten.nothing_known_.default", "aten.nothing_known_.default in scale")]
    [InlineData(null, "aten._foreach_mul_.Scalar", "it changes what it is given")]
    [InlineData(null, "torch.ops.mine.change.default", "it changes what it is given")]
    public void What_something_unknown_may_have_changed_is_refused_when_it_is_read_afterwards(string? view, string change, string why)
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")));
        ProgramFile.Name seen = view is null ? y : p.Step(view, "seen", [-1, 3, 8, 8], "", ("self", y));
        bool silent = change is "aten._foreach_mul_.Scalar" or "torch.ops.mine.change.default";
        p.Step(change, silent ? "" : "changed", [-1, 3, 8, 8], "scale", ("self", change.StartsWith("aten._foreach", StringComparison.Ordinal)
            ? ProgramFile.List(seen) : seen), ("other", 2.0));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", y), ("dim", new[] { 2L, 3 })));
        Assert.Contains(why, Refused(p), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_written_over_is_refused_and_what_was_written_is_not(bool over)
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name x = new("x"), y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "", ("self", x));
        ProgramFile.Name made = p.Step("aten.mul.out", "made", [-1, 3, 8, 8], "scale", ("self", x), ("other", x), ("out", y));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", over ? y : made), ("dim", new[] { 2L, 3 })));
        if (over)
        {
            Assert.Contains("written over it (out= of torch.ops.aten.mul.out in scale)", Refused(p), StringComparison.Ordinal);
            return;
        }
        using ImportedNetwork read = NetworkFile.Open(p.Save(_root));
        using ImageModel model = read.ToModel(Fovea.Imaging.Preprocessing.ImageNet(null, 8));
        using var scope = NewDisposeScope();
        Tensor images = arange(0, 2 * 192, dtype: float32).reshape(2, 3, 8, 8).sin();
        Assert.True(BatchCheck.Relative(model.Forward(images), images.square().mean([2, 3])) < 1e-6);
    }

    [Fact]
    public void Assertions_and_unknown_steps_that_nobody_reads_change_nothing()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")));
        p.Step("aten._assert_tensor_metadata.default", "", [], "", ("a", y));
        p.Step("aten.nothing_known.default", "unread", [-1, 3, 8, 8], "", ("self", y));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", y), ("dim", new[] { 2L, 3 })));
        using ImportedNetwork read = NetworkFile.Open(p.Save(_root));
        Assert.Equal(["relu", "mean"], read.Graph.Nodes.Select(node => node.Operator.Name));
    }

    [Fact]
    public void A_tensor_is_brought_to_a_power_in_place()
    {
        ProgramFile p = new();
        p.Images(-1, 3, 8, 8);
        ProgramFile.Name y = p.Step("aten.relu.default", "y", [-1, 3, 8, 8], "", ("self", new ProgramFile.Name("x")));
        p.Step("aten.pow_.Scalar", "squared", [-1, 3, 8, 8], "", ("self", y), ("exponent", 2));
        p.Output(p.Step("aten.mean.dim", "mean", [-1, 3], "", ("self", y), ("dim", new[] { 2L, 3 })));
        using ImportedNetwork read = NetworkFile.Open(p.Save(_root));
        using ImageModel model = read.ToModel(Fovea.Imaging.Preprocessing.ImageNet(null, 8));
        using var scope = NewDisposeScope();
        Tensor images = arange(0, 2 * 192, dtype: float32).reshape(2, 3, 8, 8).sin();
        Assert.True(BatchCheck.Relative(model.Forward(images), images.relu().square().mean([2, 3])) < 1e-6);
    }

    private string Refused(ProgramFile file)
    {
        FoveaException error = Assert.Throws<FoveaException>(() => NetworkFile.Open(file.Save(_root, "bad")));
        Assert.Equal(FailureKind.Data, error.Kind);
        return error.Message;
    }
}
