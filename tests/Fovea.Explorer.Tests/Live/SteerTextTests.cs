using Fovea.Explorer.Live;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace Fovea.Explorer.Tests.Live;

/// <summary>States of addresses there and back.</summary>
public sealed class SteerTextTests
{
    [Theory]
    [InlineData("12:0", SteerKind.Scale, 0.0, SteerMeasure.Value, 0)]
    [InlineData("12:-2.5", SteerKind.Scale, -2.5, SteerMeasure.Value, 0)]
    [InlineData("12:set3", SteerKind.Set, 3.0, SteerMeasure.Value, 0)]
    [InlineData("12:set1.5max", SteerKind.Set, 1.5, SteerMeasure.Max, 0)]
    [InlineData("12:add-0.25p999@3.4@0.7", SteerKind.Add, -0.25, SteerMeasure.P999, 2)]
    [InlineData("12:add1E-07", SteerKind.Add, 1e-7, SteerMeasure.Value, 0)]
    public void A_change_is_read_as_it_was_written(string text, SteerKind kind, double amount, SteerMeasure of, int positions)
    {
        SteerEdit edit = Assert.Single(SteerText.Parse(text, "layer4", "topk"));
        Assert.Equal(("layer4", "topk", 12, kind, amount, of), (edit.Layer, edit.Source, edit.Unit, edit.Kind, edit.Amount, edit.Of));
        Assert.Equal(positions, edit.Positions?.Count ?? 0);
        Assert.Equal(text, SteerText.Format([edit], "layer4", "topk"));
        Assert.Equal("layer4/topk/" + text, SteerText.Format([edit], "layer2", "topk"));
        Assert.Equal(text, SteerText.Format(SteerText.Parse("layer4/topk/" + text, "layer2", "l1"), "layer4", "topk"));
    }

    [Fact]
    public void A_state_is_the_same_after_its_address()
    {
        var facts = new LiveFacts("net", ["a", "b"], [new LiveLayer("layer 2,:@/x", ["neurons", "l1"]), new LiveLayer("layer4", ["neurons", "topk"])], (8, 8));
        var state = new ImageState
        {
            Layer = "layer4",
            Source = "topk",
            Unit = 3,
            Cell = (2, 5),
            Class = 1,
            ByShare = true,
            Beside = "run-3",
            Steering = new Steering(
            [
                new SteerEdit("layer4", "topk", 3, SteerKind.Scale, 0.1 + 0.2),
                new SteerEdit("layer 2,:@/x", "l1", 7, SteerKind.Set, 2, SteerMeasure.Max, [(0, 1)]),
            ], false),
        };
        string query = state.Query();
        var read = ImageState.Of(new QueryCollection(QueryHelpers.ParseQuery(query)), facts);
        Assert.Equal(query, read.Query());
        Assert.Equal(state.Steering.Edits[1].Layer, read.Steering.Edits[1].Layer);
        Assert.Equal(0.1 + 0.2, read.Steering.Edits[0].Amount);
        Assert.Equal((state.Unit, state.Cell, state.Class, true, "run-3", false),
            (read.Unit, read.Cell, read.Class, read.ByShare, read.Beside, read.Steering.KeepsError));
        // Where nothing is said: the last layer with a dictionary, and the dictionary.
        var usual = ImageState.Of(new QueryCollection(), facts);
        Assert.Equal(("layer4", "topk", true), (usual.Layer, usual.Source, usual.Steering.KeepsError));
    }
}
