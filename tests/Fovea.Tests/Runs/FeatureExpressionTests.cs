using Fovea.Runs;
using Fovea.Visualization.Objectives;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class FeatureExpressionTests
{
    [Theory]
    [InlineData("9,271", "9", "271")]
    [InlineData("3+17 , 3 - 17", "3+17", "3-17")]
    [InlineData("9-0.5*271,2*4", "9-0.5x271", "2x4")]
    [InlineData("7,7,7+7,", "7", "7+7")]
    [InlineData("-3+4", "-3+4")]
    public void Lists_hold_units_and_sums(string text, params string[] names) =>
        Assert.Equal(names, FeatureExpression.List(text).Select(feature => feature.Name));

    [Fact]
    public void Terms_keep_their_weights()
    {
        FeatureExpression sum = Assert.Single(FeatureExpression.List("9-0.5*271+3"));
        Assert.Equal([(1, 9), (-0.5, 271), (1, 3)], sum.Terms);
        Assert.False(sum.IsUnit);
        Assert.True(FeatureExpression.List("12")[0].IsUnit);
        Assert.False(FeatureExpression.List("2*12")[0].IsUnit);
        IObjective objective = sum.Sum(unit => new UnitObjective("layer", [unit]));
        Assert.Equal(
            "mean of neuron 9 over the positions of layer − 0.5 × mean of neuron 271 over the positions of layer + mean of neuron 3 over "
                + "the positions of layer", objective.Describe(0));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("x")]
    [InlineData("3 17")]
    [InlineData("3++17")]
    [InlineData("3+")]
    [InlineData("+3")]
    [InlineData("0*3")]
    [InlineData("1.5")]
    [InlineData("3,4+x")]
    public void What_is_no_unit_is_refused(string text)
    {
        var error = Assert.Throws<FoveaException>(() => FeatureExpression.List(text));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("9,271", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_no_unit_can_have_is_told_and_a_weight_below_0_is_meant()
    {
        Assert.Contains("they begin with 0", Assert.Throws<FoveaException>(() => FeatureExpression.List("-1")).Message, StringComparison.Ordinal);
        Assert.Contains("no layer has so many", Assert.Throws<FoveaException>(() => FeatureExpression.List("99999999999")).Message, StringComparison.Ordinal);
        Assert.Equal((-1.0, 1), FeatureExpression.List("-1*1")[0].Terms[0]);
    }
}
