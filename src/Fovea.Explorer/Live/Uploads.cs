using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Fovea.Explorer.Live;

/// <summary>A file in a request's body, as it is or in a form, read into memory and nowhere else, and no longer than it may be.</summary>
internal static class Uploads
{
    /// <summary>A form has more round its file.</summary>
    private const int Frame = 64 << 10;

    private const int LongestBoundary = 200;

    /// <summary>How many times the bound is read, and thrown away, so that who sends too much is told so: cut off, a browser says nothing.</summary>
    private const int Patience = 8;

    /// <summary>Reads the file.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limits">The bounds.</param>
    /// <returns>The bytes, and what the browser calls them.</returns>
    /// <exception cref="FoveaException">Data: there is none, or it is too large.</exception>
    public static async Task<(byte[] File, string? Name)> ReadAsync(HttpContext http, LiveLimits limits)
    {
        long longest = Patience * limits.FileBytes + Frame;
        if (http.Request.ContentLength > longest) throw OwnImages.TooLarge(limits);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } most) most.MaxRequestBodySize = longest;
        try
        {
            if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out MediaTypeHeaderValue? type)
                || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
                return (await WholeAsync(http.Request.Body, limits, http.RequestAborted), http.Request.Query["name"]);
            string boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
            if (boundary.Length is 0 or > LongestBoundary) throw FoveaException.BadData("This form cannot be read.");
            var form = new MultipartReader(boundary, http.Request.Body);
            while (await form.ReadNextSectionAsync(http.RequestAborted) is { } section)
            {
                if (section.AsFileSection() is { FileStream: { } content } file)
                    return (await WholeAsync(content, limits, http.RequestAborted), file.FileName);
            }
            throw FoveaException.BadData("No file was sent. Choose a picture.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException && !http.RequestAborted.IsCancellationRequested
            && e is not BadHttpRequestException)
        {
            throw FoveaException.BadData("This form cannot be read.", e);
        }
    }

    private static async Task<byte[]> WholeAsync(Stream content, LiveLimits limits, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        var piece = new byte[64 << 10];
        long length = 0;
        int read;
        while ((read = await content.ReadAsync(piece, cancellation)) > 0)
        {
            length += read;
            if (length <= limits.FileBytes) whole.Write(piece, 0, read);
            else whole.SetLength(0);
        }
        if (length > limits.FileBytes) throw OwnImages.TooLarge(limits);
        return whole.Length > 0 ? whole.ToArray() : throw FoveaException.BadData("The file is empty. Choose a picture.");
    }
}
