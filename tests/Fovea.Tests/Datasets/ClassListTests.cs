using Fovea.Datasets;
using Xunit;

namespace Fovea.Tests.Datasets;

public sealed class ClassListTests
{
    private static readonly ClassList Numbers = new(new[] { "0", "1", "10", "2" }.Select(id => new ClassInfo(id, id)));
    private static readonly ClassList Padded = new(new[] { "005", "006", "010" }.Select(id => new ClassInfo(id, "class " + id)));
    private static readonly ClassList Words = new([new("n01", "cat"), new("n02", "dog"), new("n03", "Cat")]);

    [Fact]
    public void A_number_that_is_an_id_and_another_classs_position_is_refused_until_it_is_said_which()
    {
        Assert.Equal([1], Numbers.Find("1"));
        Assert.Equal([2], Numbers.Find("10"));
        Assert.Equal([3], Numbers.Find("3"));
        Assert.Contains("id:2 or number:2", Assert.Throws<FoveaException>(() => Numbers.Find("2")).Message);
        Assert.Equal([3], Numbers.Find("id:2"));
        Assert.Equal([2], Numbers.Find("number:2"));
        Assert.Empty(Numbers.Find("11"));
        Assert.Empty(Numbers.Find("id:11"));
    }

    [Fact]
    public void Ids_match_however_they_are_padded()
    {
        Assert.Equal([0], Padded.Find("5"));
        Assert.Equal([2], Padded.Find("0010"));
        Assert.Equal([1], Padded.Find("1"));
        Assert.Equal([1], Padded.Find("class 006"));
    }

    [Fact]
    public void Names_are_found_whatever_their_case_and_may_be_several()
    {
        Assert.Equal([1], Words.Find("n02"));
        Assert.Equal([1], Words.Find("DOG"));
        Assert.Equal([0, 2], Words.Find("cat"));
        Assert.Equal([2], Words.Find("2"));
        Assert.Empty(Words.Find("bird"));
    }
}
